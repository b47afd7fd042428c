namespace PromHost.Tsdb;

/// <summary>How a database is kept. Immutable.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The data directory; created when missing.</summary>
    public required string DataPath { get; init; }

    /// <summary>When the WAL is synced. Default: after an interval; Prometheus never syncs.</summary>
    public WalSyncPolicy WalSync { get; init; } = WalSyncPolicy.Interval;

    /// <summary>Time between syncs under <see cref="WalSyncPolicy.Interval"/>. Default: 1 s.</summary>
    public TimeSpan WalSyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Size at which a WAL segment ends. Default: 128 MiB, as Prometheus.</summary>
    public int WalSegmentBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>How WAL records are compressed. Default: snappy, as Prometheus.</summary>
    public WalCompression WalCompression { get; init; } = WalCompression.Snappy;

    /// <summary>Length of a block; chunks end at its borders. Default: 2 h, as Prometheus.</summary>
    public TimeSpan BlockRange { get; init; } = TimeSpan.FromHours(2);

    /// <summary>
    /// Longest range of a compacted block. Default: a tenth of <see cref="RetentionTime"/>, at most 31 days, as
    /// Prometheus.
    /// </summary>
    public TimeSpan MaxBlockRange
    {
        get => field > TimeSpan.Zero ? field : DefaultMaxBlockRange();
        init;
    }

    /// <summary>Are blocks made and merged in the background? Else only when asked for. Default: true.</summary>
    public bool IsAutoCompacted { get; init; } = true;

    /// <summary>
    /// Is an image of the head written in the background and at the end, so that a start need not read the whole log?
    /// One that is there is used in any case.
    /// </summary>
    public bool IsHeadImageWritten { get; init; }

    /// <summary>
    /// How far behind the newest sample of the head a sample may be that is older than its series. 0: not at all.
    /// Default: 3 h, where Prometheus has 0.
    /// </summary>
    public TimeSpan OutOfOrderWindow { get; init; } = TimeSpan.FromHours(3);

    /// <summary>How long samples are kept; 0: without limit. Default: 15 days, as Prometheus.</summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(15);

    /// <summary>Size that the data directory may have, in bytes; 0: without limit.</summary>
    public long RetentionBytes { get; init; }

    /// <summary>
    /// Part of its file system that the data directory may have, in percent; 0: without limit. Where it is set,
    /// <see cref="RetentionBytes"/> does not count.
    /// </summary>
    public double RetentionPercentage { get; init; }

    /// <summary>
    /// Part of the head's series, 0 to 1, that must be stale for them to be written to a block early; 0: never.
    /// </summary>
    public double StaleSeriesCompactionThreshold { get; init; }

    /// <summary>Exemplars that are kept; 0 or less: none.</summary>
    public int MaxExemplars { get; init; }

    /// <summary>Is the directory opened without taking its lock?</summary>
    public bool NoLockFile { get; init; }

    /// <summary>
    /// Are start timestamps logged (<c>st-storage</c>)? Only Prometheus 3.11 and later read such records.
    /// </summary>
    public bool StoreStartTimestamps { get; init; }

    /// <summary>Are float chunks written as XOR2 (<c>xor2-encoding</c>)? Only recent Prometheus reads them.</summary>
    public bool Xor2Encoding { get; init; }

    /// <summary>
    /// Do histogram chunks hold start timestamps (<c>histograms-st-encoding</c>)? Only recent Prometheus reads them.
    /// </summary>
    public bool HistogramStartTimestamps { get; init; }

    /// <summary>
    /// Samples that batches waiting together commit in one go at most, unless one batch alone has more. Default: 64 Ki,
    /// 2 MB of buffers.
    /// </summary>
    public int MaxGroupSamples { get; init; } = 64 * 1024;

    /// <summary>
    /// Below this much free space no writes are taken; at most a sixteenth of the disk. 0: as long as there is any.
    /// Default: 128 MiB.
    /// </summary>
    public long MinFreeBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>What a client is told to wait when the disk is full. Default: 5 s.</summary>
    public TimeSpan DiskFullRetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    private TimeSpan DefaultMaxBlockRange()
    {
        var longest = TimeSpan.FromDays(31);
        if (RetentionTime > TimeSpan.Zero && RetentionTime / 10 < longest) longest = RetentionTime / 10;
        return longest < BlockRange ? BlockRange : longest;
    }
}
