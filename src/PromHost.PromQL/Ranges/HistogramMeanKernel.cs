// Hot path: one call per window of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary><c>avg_over_time</c> where there are histograms.</summary>
internal sealed class HistogramMeanKernel() : OneKindKernel<WindowKernel<AvgOverTime>>(default)
{
    private readonly HistogramMean _mean = new(new HistogramWorkspace());

    /// <inheritdoc/>
    protected override void ComputeHistograms(in MixedWindow window, SeriesRow row)
    {
        var added = 0;
        _mean.Reset();
        foreach (var histogram in window.Samples.Histograms.Samples[window.FirstHistogram..window.EndHistogram])
        {
            if ((++added & 255) == 0) Cancellation.ThrowIfCancellationRequested();
            _mean.Add(histogram);
        }

        row.Notes |= RangeAnnotations.OfAggregation(_mean.Conflicts);
        if (_mean.Finish(isCompact: false) is { } result) row.Set(window.Step, result);
    }
}
