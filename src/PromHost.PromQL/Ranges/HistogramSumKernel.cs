// Hot path: one call per window of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary><c>sum_over_time</c> where there are histograms.</summary>
internal sealed class HistogramSumKernel() : OneKindKernel<WindowKernel<SumOverTime>>(default)
{
    private readonly HistogramSum _sum = new(new HistogramWorkspace());

    /// <inheritdoc/>
    protected override void ComputeHistograms(in MixedWindow window, SeriesRow row)
    {
        var added = 0;
        _sum.Reset();
        foreach (var histogram in window.Samples.Histograms.Samples[window.FirstHistogram..window.EndHistogram])
        {
            if ((++added & 255) == 0) Cancellation.ThrowIfCancellationRequested();
            _sum.Add(histogram);
        }

        row.Notes |= RangeAnnotations.OfAggregation(_sum.Conflicts);
        if (_sum.Finish(isCompact: false) is { } result) row.Set(window.Step, result);
    }
}
