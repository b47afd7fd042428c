using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>The messages of the head image.</summary>
internal static partial class HeadImageLog
{
    [LoggerMessage(
        40, LogLevel.Information, "Head image read: {Series} series; the log goes on in segment {Segment} at {Offset}")]
    public static partial void Used(ILogger logger, int series, int segment, long offset);

    [LoggerMessage(
        41, LogLevel.Warning, "The head image is not used, the log is read from its beginning: {Reason}")]
    public static partial void Ignored(ILogger logger, string reason);

    [LoggerMessage(42, LogLevel.Debug, "Head image written: {Series} series, {Bytes} bytes, in {ElapsedMs} ms")]
    public static partial void Written(ILogger logger, int series, long bytes, long elapsedMs);

    [LoggerMessage(
        43, LogLevel.Warning, "The head image could not be written; the next start takes longer, nothing is lost")]
    public static partial void NotWritten(ILogger logger, Exception error);

    [LoggerMessage(
        44,
        LogLevel.Warning,
        "The log has lost records that the head image shows: {Series} series are logged again")]
    public static partial void LoggedAgain(ILogger logger, int series);
}
