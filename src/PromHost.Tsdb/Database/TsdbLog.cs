using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>The messages of the storage engine.</summary>
internal static partial class TsdbLog
{
    [LoggerMessage(1, LogLevel.Information, "Replaying the head of {Path}")]
    public static partial void ReplayStarts(ILogger logger, string path);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Head replayed: {Series} series, {Samples} samples of the log, {Chunks} mapped chunks, in {ElapsedMs} ms")]
    public static partial void ReplayDone(ILogger logger, long series, long samples, long chunks, long elapsedMs);

    [LoggerMessage(3, LogLevel.Error, "Replay failed, the database stays closed")]
    public static partial void ReplayFailed(ILogger logger, Exception error);

    [LoggerMessage(
        4, LogLevel.Warning, "Damage in {Path} from byte {Start}: {Reason}; the bytes are kept as {QuarantinedAs}")]
    public static partial void Damaged(ILogger logger, string path, long start, string reason, string quarantinedAs);

    [LoggerMessage(13, LogLevel.Warning, "Damage: {Path}: {Reason}")]
    public static partial void Missing(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Replay passed over {Count} samples whose series is not in the log")]
    public static partial void UnknownSeries(ILogger logger, long count);

    [LoggerMessage(
        6,
        LogLevel.Warning,
        "Replay passed over {Count} records of kinds that are not supported yet (native histograms)")]
    public static partial void UnsupportedRecords(ILogger logger, long count);

    [LoggerMessage(7, LogLevel.Information, "Removed {Path}, which only the Prometheus that wrote it can use")]
    public static partial void ForeignStateRemoved(ILogger logger, string path);

    [LoggerMessage(8, LogLevel.Warning, "The disk is full; writes are refused until there is room")]
    public static partial void DiskFull(ILogger logger, Exception error);

    [LoggerMessage(9, LogLevel.Information, "There is room on the disk again; writes are taken")]
    public static partial void DiskHasRoom(ILogger logger);

    [LoggerMessage(10, LogLevel.Critical, "Writing failed; the database takes no writes until it is restarted")]
    public static partial void WritesClosed(ILogger logger, Exception error);

    [LoggerMessage(11, LogLevel.Warning, "Closing the head's files failed; the log has their content")]
    public static partial void CloseFailed(ILogger logger, Exception error);

    [LoggerMessage(
        12,
        LogLevel.Information,
        "Checkpoint {Segment} written: {DroppedSeries} series and {Dropped} of {Entries} entries left out")]
    public static partial void CheckpointWritten(
        ILogger logger, int segment, long droppedSeries, long dropped, long entries);

    [LoggerMessage(
        14, LogLevel.Warning, "The disk is nearly full, writes are refused: {Free} MiB are free of {Floor} MiB wanted")]
    public static partial void DiskLow(ILogger logger, long free, long floor);

    [LoggerMessage(15, LogLevel.Warning, "The disk is full: the reserve of {Size} MiB is released to make room")]
    public static partial void ReserveReleased(ILogger logger, long size);

    [LoggerMessage(17, LogLevel.Error, "Samples that damage had hidden could not be put back")]
    public static partial void NotRestored(ILogger logger, Exception error);

    [LoggerMessage(16, LogLevel.Warning, "A reserve of {Size} MiB could not be made")]
    public static partial void ReserveNotMade(ILogger logger, long size, Exception error);
}
