using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>What a leaf of the evaluation reads.</summary>
/// <param name="Selector">The selector as written.</param>
/// <param name="Times">At which times it looks.</param>
/// <param name="RangeMs">Length of the window of a range selector, else 0.</param>
/// <param name="Hints">For the storage.</param>
/// <param name="Counts">Where the samples are counted.</param>
internal readonly record struct Selection(
    VectorSelector Selector, SelectorTimes Times, long RangeMs, SelectHints Hints, QuerySampleCounts Counts)
{
    /// <summary>Are counts, sums and counter resets all that matters of histograms?</summary>
    public bool NeedsNoBuckets { get; init; }

    /// <summary>What takes out the buckets; null where they matter.</summary>
    /// <param name="windows">What is read of each series.</param>
    public HistogramStatistics? StatisticsOver(in RangeGrid windows) =>
        NeedsNoBuckets ? new HistogramStatistics(windows) : null;

    /// <summary>The windows of a range selector.</summary>
    /// <param name="grid">The steps.</param>
    /// <param name="lookbackMs">How far <c>anchored</c> and <c>smoothed</c> ones reach beyond their range.</param>
    public RangeGrid WindowsOver(StepGrid grid, long lookbackMs) => new(
        grid,
        Times,
        RangeMs,
        Selector.IsAnchored || Selector.IsSmoothed ? lookbackMs : 0,
        Selector.IsSmoothed ? lookbackMs : 0);
}
