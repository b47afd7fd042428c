using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>The messages of compaction and retention.</summary>
internal static partial class CompactionLog
{
    [LoggerMessage(101, LogLevel.Error, "Compaction failed, it is tried again in {Seconds} s")]
    public static partial void RoundFailed(ILogger logger, Exception error, double seconds);
}
