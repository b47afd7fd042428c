using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>The messages of compaction and retention.</summary>
internal static partial class CompactionLog
{
    [LoggerMessage(101, LogLevel.Error, "Compaction failed, it is tried again in {Seconds} s")]
    public static partial void RoundFailed(ILogger logger, Exception error, double seconds);

    [LoggerMessage(
        102,
        LogLevel.Information,
        "Blocks {Parents} compacted into {Block}, from {MinTimeMs} to {MaxTimeMs}, in {ElapsedMs} ms")]
    public static partial void Compacted(
        ILogger logger, string parents, string block, long minTimeMs, long maxTimeMs, long elapsedMs);

    [LoggerMessage(
        103, LogLevel.Error, "Blocks {Parents} cannot be compacted because one is damaged; they stay as they are")]
    public static partial void ParentsUnreadable(ILogger logger, string parents, Exception error);

    [LoggerMessage(104, LogLevel.Warning, "Block {Block} could not be marked as one whose compaction failed")]
    public static partial void NotMarked(ILogger logger, string block, Exception error);

    [LoggerMessage(
        105,
        LogLevel.Information,
        "Head written to block {Block}, from {MinTimeMs} to {MaxTimeMs}: {Series} series, {Samples} samples, " +
        "in {ElapsedMs} ms")]
    public static partial void HeadCompacted(
        ILogger logger, string block, long minTimeMs, long maxTimeMs, long series, long samples, long elapsedMs);

    [LoggerMessage(106, LogLevel.Information, "Retention deletes {Blocks}")]
    public static partial void Retired(ILogger logger, string blocks);

    [LoggerMessage(107, LogLevel.Error, "The write-ahead log could not be made shorter; it is tried again later")]
    public static partial void WalNotTruncated(ILogger logger, Exception error);

    [LoggerMessage(
        108, LogLevel.Information, "Out-of-order samples written to {Blocks}: {Series} series, {Samples} samples")]
    public static partial void OutOfOrderCompacted(ILogger logger, string blocks, long series, long samples);

    [LoggerMessage(109, LogLevel.Information, "{Series} stale series evicted from the head, their samples: {Blocks}")]
    public static partial void StaleSeriesEvicted(ILogger logger, int series, string blocks);
}
