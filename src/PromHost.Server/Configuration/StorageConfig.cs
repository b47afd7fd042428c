namespace PromHost.Server;

/// <summary>The section <c>storage</c> of the configuration; null stands for what is not there.</summary>
internal sealed record StorageConfig
{
    /// <summary>Prometheus's number of exemplars, where the configuration gives none.</summary>
    public const long DefaultMaxExemplars = 100_000;

    /// <summary><c>tsdb.out_of_order_time_window</c>.</summary>
    public TimeSpan? OutOfOrderWindow { get; init; }

    /// <summary><c>tsdb.retention</c>; where it is there, it replaces all flags of the retention.</summary>
    public RetentionConfig? Retention { get; init; }

    /// <summary><c>tsdb.stale_series_compaction_threshold</c>, a part of 1.</summary>
    public double StaleSeriesCompactionThreshold { get; init; }

    /// <summary><c>tsdb.chunk_encoding.floats</c>: is it <c>xor2</c> (and not <c>xor</c>)?</summary>
    public bool? Xor2Floats { get; init; }

    /// <summary><c>exemplars.max_exemplars</c>.</summary>
    public long MaxExemplars { get; init; } = DefaultMaxExemplars;
}
