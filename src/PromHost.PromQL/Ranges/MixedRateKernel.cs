// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>
/// <c>rate</c>, <c>increase</c>, <c>delta</c> where there are histograms or start timestamps (Prometheus 3.14,
/// <c>extrapolatedRate</c>, <c>histogramRate</c>).
/// </summary>
/// <param name="rangeMs">The length of the range.</param>
internal sealed class MixedRateKernel<TShape>(long rangeMs)
    : OneKindKernel<RateKernel<TShape>>(new RateKernel<TShape>(rangeMs))
    where TShape : struct, IRateShape
{
    private readonly double _rangeSeconds = GoDuration.Seconds(rangeMs);
    private readonly HistogramChange<TShape> _change = new();

    /// <inheritdoc/>
    public override void Begin(MixedSamples samples)
    {
        base.Begin(samples);
        _change.Begin(samples, Cancellation);
    }

    /// <inheritdoc/>
    protected override void ComputeFloats(in MixedWindow window, SeriesRow row)
    {
        if (!TShape.IsCounter || !window.Samples.HasStartTimestamps)
        {
            base.ComputeFloats(window, row);
            return;
        }

        var floats = window.Floats;
        var times = floats.TimestampsMs[floats.First..floats.End];
        var values = floats.WindowValues;
        var starts = window.Samples.Floats.StartTimestampsMs[floats.First..floats.End];
        var change = values[^1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1] || CounterStart.IsReset(starts[i - 1], times[i - 1], starts[i], times[i]))
                change += values[i - 1];
        }

        if (CounterStart.AnyOverlaps(times, starts)) row.StartOverlaps++;
        var zeroMs = ZeroOf(starts[0], times[0], window.StartMs);
        if (zeroMs is not null) change += values[0];
        else if (values.Length == 1) return;
        var factor = new Extrapolation
        {
            TimesMs = times,
            StartMs = window.StartMs,
            EndMs = window.EndMs,
            ZeroMs = zeroMs,
            FirstShare = change > 0 && values[0] >= 0 ? values[0] / change : double.NaN,
        }.Factor;
        if (TShape.IsPerSecond) factor /= _rangeSeconds;
        row.Set(window.Step, change * factor);
    }

    /// <inheritdoc/>
    protected override void ComputeHistograms(in MixedWindow window, SeriesRow row)
    {
        var histograms = window.Samples.Histograms;
        var (first, end) = (window.FirstHistogram, window.EndHistogram);
        var times = histograms.TimestampsMs[first..end];
        var zeroMs = TShape.IsCounter && window.Samples.HasStartTimestamps
            ? ZeroOf(histograms.StartTimestampsMs[first], times[0], window.StartMs)
            : null;
        var hasChange = end - first > 1;
        if (hasChange && !_change.TryCompute(first, end, row)) return;
        if (!hasChange && zeroMs is null) return;
        if (zeroMs is not null && !_change.TryAddFirst(first, hasChange, row)) return;
        var firstCount = histograms.Samples[first].Count;
        var changedCount = _change.Result.Count;
        var factor = new Extrapolation
        {
            TimesMs = times,
            StartMs = window.StartMs,
            EndMs = window.EndMs,
            ZeroMs = zeroMs,
            FirstShare = TShape.IsCounter && changedCount > 0 && firstCount >= 0
                ? firstCount / changedCount
                : double.NaN,
        }.Factor;
        if (TShape.IsPerSecond) factor /= _rangeSeconds;
        _change.Result.Multiply(factor);
        row.Set(window.Step, _change.Result);
    }

    // A counter that began inside of the range was zero then; nothing is extrapolated to before.
    private static long? ZeroOf(long startMs, long firstMs, long rangeStartMs) =>
        startMs != 0 && startMs > rangeStartMs && startMs < firstMs ? startMs : null;
}
