// Hot path: the aggregation avg and avg_over_time.
namespace PromHost.Model;

/// <summary>
/// The mean of native histograms, as the aggregation <c>avg</c> and <c>avg_over_time</c> make it: a compensated sum
/// and a count, and from the histogram on that would make the sum infinite anywhere, a compensated running mean. Not
/// safe for several threads.
/// </summary>
/// <param name="workspace">Buffers for a moment, which others of the same thread may share.</param>
public sealed class HistogramMean(HistogramWorkspace workspace) : IHistogramTotal
{
    private readonly HistogramAccumulator _value = new(workspace);
    private HintRecord _hints;
    private bool _isRunningMean;

    /// <summary>How many histograms were offered.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// In what they did not agree. After <see cref="HistogramConflicts.Schemas"/> there is no mean, and further
    /// histograms are ignored.
    /// </summary>
    public HistogramConflicts Conflicts { get; private set; }

    /// <summary>Begins anew with nothing.</summary>
    public void Reset()
    {
        Count = 0;
        Conflicts = HistogramConflicts.None;
        _hints = default;
        _isRunningMean = false;
    }

    /// <summary>Adds a histogram; allocates nothing if its layout is that of the mean.</summary>
    public void Add(NativeHistogram histogram)
    {
        if ((Conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return;
        Conflicts |= _hints.Add(histogram.CounterResetHint);
        if (Count++ == 0)
        {
            _value.Load(histogram);
            return;
        }

        if (!_isRunningMean)
        {
            var isAdded = _value.TryAddFinite(histogram, out var conflicts);
            Conflicts |= conflicts & ~HistogramConflicts.CounterResetHints;
            if (isAdded || (Conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return;
            _isRunningMean = true;
            _value.Divide(Count - 1);
        }

        AddToRunningMean(histogram);
    }

    /// <summary>
    /// The mean; null if there is none. Valid until <see cref="Reset"/>, which alone is allowed afterwards.
    /// </summary>
    /// <param name="isCompact">Are empty buckets left out? <c>avg</c> does it, <c>avg_over_time</c> does not.</param>
    public HistogramAccumulator? Finish(bool isCompact)
    {
        if (Count == 0 || (Conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return null;
        if (!_isRunningMean) _value.Divide(Count);
        _value.EndCompensation();
        if (isCompact) _value.Compact();
        return _value;
    }

    private void AddToRunningMean(NativeHistogram histogram)
    {
        _value.Multiply((Count - 1.0) / Count);
        workspace.Operand.Load(histogram);
        workspace.Operand.Divide(Count);
        Conflicts |= _value.AddCompensated(workspace.Operand) & ~HistogramConflicts.CounterResetHints;
    }
}
