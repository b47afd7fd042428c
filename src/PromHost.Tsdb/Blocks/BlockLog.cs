using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>The messages about blocks.</summary>
internal static partial class BlockLog
{
    [LoggerMessage(200, LogLevel.Information, "{Count} blocks are open, {Bytes} bytes")]
    public static partial void BlocksOpen(ILogger logger, int count, long bytes);

    [LoggerMessage(201, LogLevel.Information, "Deleted block {Block}")]
    public static partial void BlockDeleted(ILogger logger, string block);

    [LoggerMessage(202, LogLevel.Information, "Deleted {Path}, which a crash had left behind")]
    public static partial void LeftoverDeleted(ILogger logger, string path);

    [LoggerMessage(203, LogLevel.Warning, "{Path} could not be deleted; it is tried again at the next start")]
    public static partial void DeletionFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(204, LogLevel.Information, "Ended a repair that was killed: its blocks are in their places")]
    public static partial void RepairFinished(ILogger logger);

    [LoggerMessage(206, LogLevel.Error, "{Path} is damaged and cannot be moved to quarantine; it stays where it is")]
    public static partial void NotQuarantined(ILogger logger, string path, Exception error);
}
