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

    /// <summary>Length of a block; chunks end at its borders. Default: 2 h, as Prometheus.</summary>
    public TimeSpan BlockRange { get; init; } = TimeSpan.FromHours(2);

    /// <summary>
    /// Samples that batches waiting together commit in one go at most, unless one batch alone has more. Default: 64 Ki,
    /// 2 MB of buffers.
    /// </summary>
    public int MaxGroupSamples { get; init; } = 64 * 1024;

    /// <summary>What a client is told to wait when the disk is full. Default: 5 s.</summary>
    public TimeSpan DiskFullRetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
