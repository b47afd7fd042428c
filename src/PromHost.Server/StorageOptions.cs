using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>What flags say of the storage. Immutable; each default with its unit and origin.</summary>
public sealed record StorageOptions
{
    /// <summary>The data directory. Prometheus's default is <c>data/</c>.</summary>
    public string DataPath { get; init; } = "data/";

    /// <summary>How long samples are kept; 0: not said. Where no size is given either, 15 days as Prometheus.</summary>
    public TimeSpan RetentionTime { get; init; }

    /// <summary>How many bytes the data directory may hold; 0: no limit.</summary>
    public long RetentionBytes { get; init; }

    /// <summary>Is the data directory not to be locked?</summary>
    public bool NoLockFile { get; init; }

    /// <summary>How the write-ahead log is compressed.</summary>
    public WalCompression WalCompression { get; init; }

    /// <summary>Size of a segment of the log, in bytes; null: 128 MiB, as Prometheus.</summary>
    public int? WalSegmentBytes { get; init; }

    /// <summary>Length of a block before it is merged. Prometheus's default is 2 h.</summary>
    public TimeSpan MinBlockRange { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Longest merged block; 0: a tenth of the retention, at most 31 days, as Prometheus.</summary>
    public TimeSpan MaxBlockRange { get; init; }

    /// <summary>When the write-ahead log is synced: what a power cut may cost.</summary>
    public WalSyncPolicy WalFsync { get; init; } = WalSyncPolicy.Interval;

    /// <summary>Free space below which writes are refused, in bytes; 0: only when there is none.</summary>
    public long MinFreeBytes { get; init; } = 128 << 20;

    /// <summary>Are exemplars kept (<c>exemplar-storage</c>)?</summary>
    public bool ExemplarStorage { get; init; }

    /// <summary>Are start timestamps logged (<c>st-storage</c>)?</summary>
    public bool StoreStartTimestamps { get; init; }

    /// <summary>Are float chunks XOR2 (<c>xor2-encoding</c>) unless the configuration says otherwise?</summary>
    public bool Xor2Encoding { get; init; }

    /// <summary>Do histogram chunks hold start timestamps (<c>histograms-st-encoding</c>)?</summary>
    public bool HistogramStartTimestamps { get; init; }
}
