namespace PromHost.Model;

/// <summary>Which hints on counter resets several histograms had. All of them count, not only neighbours.</summary>
internal struct HintRecord
{
    private bool _hasReset;
    private bool _hasNoReset;

    /// <summary>Adds a hint.</summary>
    /// <returns>Do the hints contradict each other by now?</returns>
    public HistogramConflicts Add(CounterResetHint hint)
    {
        _hasReset |= hint == CounterResetHint.CounterReset;
        _hasNoReset |= hint == CounterResetHint.NotCounterReset;
        return _hasReset && _hasNoReset ? HistogramConflicts.CounterResetHints : HistogramConflicts.None;
    }
}
