// Hot path.
namespace PromHost.PromQL;

/// <summary><c>resets</c> and <c>changes</c> of an <c>anchored</c> range: from the last sample before it on.</summary>
internal struct AnchoredChangesKernel<TChange>() : IRangeKernel
    where TChange : struct, IStepChange
{
    private StepChangesKernel<TChange> _changes = new();

    /// <inheritdoc/>
    public void Begin(in RangeWindow window) => _changes.Begin(window);

    /// <inheritdoc/>
    public readonly bool TryCompute(in RangeWindow window, out double value)
    {
        value = 0;
        var times = window.TimestampsMs[window.First..window.End];
        var inside = Interpolation.FirstAfter(times, window.StartMs);
        if (inside == times.Length) return false;
        var first = window.First + Math.Max(0, inside - 1);
        return _changes.TryCompute(
            new RangeWindow
            {
                TimestampsMs = window.TimestampsMs,
                Values = window.Values,
                First = first,
                End = window.End,
            },
            out value);
    }
}
