// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>A function that knows only floats: histograms are left out, with an info where floats are beside them.
/// </summary>
/// <param name="kernel">What is computed from the floats.</param>
/// <param name="checksEmpty">Is the function called without any float too, because it checks its arguments?</param>
internal sealed class FloatsOnlyKernel<TKernel>(TKernel kernel, bool checksEmpty = false) : MixedRangeKernel
    where TKernel : struct, IRangeKernel
{
    private TKernel _kernel = kernel;

    /// <inheritdoc/>
    public override void Begin(MixedSamples samples) => _kernel.Begin(new RangeWindow
    {
        TimestampsMs = samples.Floats.TimestampsMs,
        Values = samples.Floats.Samples,
        Cancellation = Cancellation,
    });

    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row)
    {
        if (!window.HasFloats && !checksEmpty) return;
        if (window.HasFloats && window.HasHistograms) row.Notes |= RangeNotes.IgnoredHistograms;
        if (_kernel.TryCompute(window.Floats, out var value)) row.Set(window.Step, value);
    }
}
