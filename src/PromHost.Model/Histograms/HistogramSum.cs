// Hot path: the aggregation sum and sum_over_time.
namespace PromHost.Model;

/// <summary>
/// A compensated sum of native histograms, as the aggregation <c>sum</c> and <c>sum_over_time</c> make it. Not safe for
/// several threads.
/// </summary>
/// <param name="workspace">Buffers for a moment, which others of the same thread may share.</param>
public sealed class HistogramSum(HistogramWorkspace workspace) : IHistogramTotal
{
    private readonly HistogramAccumulator _sum = new(workspace);
    private HintRecord _hints;

    /// <summary>How many histograms were offered.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// In what they did not agree. After <see cref="HistogramConflicts.Schemas"/> there is no sum, and further
    /// histograms are ignored.
    /// </summary>
    public HistogramConflicts Conflicts { get; private set; }

    /// <summary>Begins anew with nothing.</summary>
    public void Reset()
    {
        Count = 0;
        Conflicts = HistogramConflicts.None;
        _hints = default;
    }

    /// <summary>Adds a histogram; allocates nothing if its layout is that of the sum.</summary>
    public void Add(NativeHistogram histogram)
    {
        if ((Conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return;
        Conflicts |= _hints.Add(histogram.CounterResetHint);
        if (Count++ == 0) _sum.Load(histogram);
        else Conflicts |= _sum.AddCompensated(histogram) & ~HistogramConflicts.CounterResetHints;
    }

    /// <summary>
    /// The sum; null if there is none. Valid until <see cref="Reset"/>, which alone is allowed afterwards.
    /// </summary>
    /// <param name="isCompact">Are empty buckets left out? <c>sum</c> does it, <c>sum_over_time</c> does not.</param>
    public HistogramAccumulator? Finish(bool isCompact)
    {
        if (Count == 0 || (Conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return null;
        _sum.EndCompensation();
        if (isCompact) _sum.Compact();
        return _sum;
    }
}
