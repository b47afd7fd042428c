// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary><c>first_over_time</c> and <c>last_over_time</c>: a sample as it is.</summary>
/// <param name="isLast">The last one, not the first.</param>
internal sealed class EndSampleKernel(bool isLast) : MixedRangeKernel
{
    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row)
    {
        var index = isLast ? window.End - 1 : window.First;
        if (window.Samples.HistogramsOrNull[index] is { } histogram) row.Set(window.Step, histogram);
        else row.Set(window.Step, window.Samples.Values[index]);
    }
}
