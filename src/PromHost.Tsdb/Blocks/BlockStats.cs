namespace PromHost.Tsdb;

/// <summary>Counts of what a block holds.</summary>
/// <param name="Samples">All samples.</param>
/// <param name="Series">Series.</param>
/// <param name="Chunks">Chunks.</param>
internal readonly record struct BlockStats(long Samples, long Series, long Chunks)
{
    /// <summary>Float samples; 0 also where the writer did not count them apart (Prometheus 3.5).</summary>
    public long FloatSamples { get; init; }

    /// <summary>Native histograms; 0 also where the writer did not count them apart.</summary>
    public long HistogramSamples { get; init; }

    /// <summary>Deleted intervals in the tombstones file, over all series.</summary>
    public long Tombstones { get; init; }
}
