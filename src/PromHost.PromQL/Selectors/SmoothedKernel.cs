// Hot path: one call per step of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// A <c>smoothed</c> instant selector over a series that has histograms. The window is what the lookback reaches to
/// either side of the step (Prometheus 3.14, <c>smoothSeries</c>).
/// </summary>
internal sealed class SmoothedKernel : MixedRangeKernel
{
    private readonly HistogramInterpolation _interpolation = new();

    /// <summary>Where the samples go.</summary>
    public MixedSamples Samples { get; } = new();

    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row)
    {
        if (window.HasFloats && window.HasHistograms) row.Notes |= RangeNotes.MixedKinds;
        else if (window.HasFloats) ComputeFloat(window, row);
        else ComputeHistogram(window, row);
    }

    private static void ComputeFloat(in MixedWindow window, SeriesRow row)
    {
        var floats = window.Floats;
        var times = floats.TimestampsMs[floats.First..floats.End];
        var values = floats.WindowValues;
        var next = Interpolation.FirstAfter(times, window.EndMs - 1);
        if (next < times.Length && times[next] == window.EndMs)
        {
            row.Set(window.Step, values[next]);
        }
        else if (next > 0)
        {
            row.Set(window.Step, next < times.Length
                ? Interpolation.Between(times, values, next - 1, window.EndMs, isCounter: false)
                : values[next - 1]);
        }
    }

    private void ComputeHistogram(in MixedWindow window, SeriesRow row)
    {
        var lane = window.Samples.Histograms;
        var times = lane.TimestampsMs[window.FirstHistogram..window.EndHistogram];
        var histograms = lane.Samples[window.FirstHistogram..window.EndHistogram];
        var next = Interpolation.FirstAfter(times, window.EndMs - 1);
        if (next < times.Length && times[next] == window.EndMs)
        {
            row.Set(window.Step, histograms[next]);
        }
        else if (next == times.Length)
        {
            // Its hint is about the sample before, and this is not the sample.
            row.Set(window.Step, histograms[^1].WithHint(CounterResetHint.Unknown));
        }
        else if (next > 0)
        {
            if (histograms[next - 1].Schema == NativeHistogram.CustomBucketsSchema !=
                (histograms[next].Schema == NativeHistogram.CustomBucketsSchema))
            {
                row.Notes |= RangeNotes.MixedBuckets;
                return;
            }

            var isGauge = histograms[next - 1].CounterResetHint == CounterResetHint.Gauge &&
                histograms[next].CounterResetHint == CounterResetHint.Gauge;
            var notes = row.Notes;
            var between = _interpolation.Between(times, histograms, next - 1, window.EndMs, !isGauge, ref notes);
            row.Notes = notes;
            if (between is not null) row.Set(window.Step, between);
        }
    }
}
