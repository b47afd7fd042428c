// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>
/// A function that computes a float from floats and a histogram from histograms; a window with both has no result.
/// </summary>
/// <param name="kernel">What is computed from floats.</param>
internal abstract class OneKindKernel<TKernel>(TKernel kernel) : MixedRangeKernel
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
    public sealed override void Compute(in MixedWindow window, SeriesRow row)
    {
        if (!window.HasHistograms) ComputeFloats(window, row);
        else if (!window.HasFloats) ComputeHistograms(window, row);
        else row.Notes |= RangeNotes.MixedKinds;
    }

    /// <summary>Computes a window of floats.</summary>
    protected virtual void ComputeFloats(in MixedWindow window, SeriesRow row)
    {
        if (_kernel.TryCompute(window.Floats, out var value)) row.Set(window.Step, value);
    }

    /// <summary>Computes a window of histograms.</summary>
    protected abstract void ComputeHistograms(in MixedWindow window, SeriesRow row);
}
