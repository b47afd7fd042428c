// Hot path: moves once per series and step.
namespace PromHost.PromQL;

/// <summary>Walks over the windows of a range function: tells which samples of a series lie in each.</summary>
/// <param name="windows">The windows.</param>
/// <param name="timesMs">The samples' times, ascending.</param>
internal ref struct WindowWalk(RangeGrid windows, ReadOnlySpan<long> timesMs)
{
    private TimeCursor _first = new(timesMs);
    private TimeCursor _end = new(timesMs);

    /// <summary>Index of the first sample of the window.</summary>
    public int First { get; private set; }

    /// <summary>Index after the last sample of the window; of an empty one the same as the first.</summary>
    public int End { get; private set; }

    /// <summary>New end of the window's range.</summary>
    public long EndMs { get; private set; }

    /// <summary>Moves to the window of a step.</summary>
    /// <param name="step">Not before that of the last call.</param>
    public void MoveTo(int step)
    {
        EndMs = windows.Times.At(windows.Grid.TimeMs(step));
        End = _end.MoveTo(EndMs + windows.AfterMs);
        First = _first.MoveTo(EndMs - windows.RangeMs - windows.BeforeMs);
    }
}
