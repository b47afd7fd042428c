// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>A function for which a histogram is a sample like any other: only times and numbers of samples matter.
/// </summary>
internal sealed class AllSamplesKernel<TFunction> : MixedRangeKernel
    where TFunction : struct, IWindowFunction
{
    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row) =>
        row.Set(window.Step, TFunction.Compute(window.All));
}
