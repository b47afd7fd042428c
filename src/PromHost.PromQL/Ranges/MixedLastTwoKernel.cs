// Hot path: one call per window of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// <c>irate</c> and <c>idelta</c> where there are histograms or start timestamps (Prometheus 3.14,
/// <c>instantValue</c>): only the last two samples matter, of whatever kind those before them are.
/// </summary>
internal sealed class MixedLastTwoKernel<TShape> : MixedRangeKernel
    where TShape : struct, IRateShape
{
    private readonly HistogramAccumulator _change = new(new HistogramWorkspace());

    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row)
    {
        var last = window.End - 1;
        if (last <= window.First) return;
        var samples = window.Samples;
        var times = samples.TimestampsMs;
        var intervalMs = times[last] - times[last - 1];
        if (intervalMs == 0) return;
        var isReset = TShape.IsCounter && samples.HasStartTimestamps && CounterStart.IsReset(
            samples.StartTimestampsMs[last - 1], times[last - 1], samples.StartTimestampsMs[last], times[last]);
        switch (samples.HistogramsOrNull[last - 1], samples.HistogramsOrNull[last])
        {
            case (null, null):
                var before = samples.Values[last - 1];
                var value = samples.Values[last];
                if (!isReset && !(TShape.IsCounter && value < before)) value -= before;
                if (TShape.IsPerSecond) value /= intervalMs / 1000.0;
                row.Set(window.Step, value);
                break;
            case ({ } older, { } newer):
                if (!TryCompute(older, newer, isReset, row)) break;
                if (TShape.IsPerSecond) _change.Divide(intervalMs / 1000.0);
                row.Set(window.Step, _change);
                break;
            default:
                row.Notes |= RangeNotes.MixedKinds;
                break;
        }
    }

    private bool TryCompute(NativeHistogram older, NativeHistogram newer, bool isReset, SeriesRow row)
    {
        var isOlderGauge = older.CounterResetHint == CounterResetHint.Gauge;
        var isNewerGauge = newer.CounterResetHint == CounterResetHint.Gauge;
        if (TShape.IsCounter && (isOlderGauge || isNewerGauge)) row.Notes |= RangeNotes.NotCounter;
        if (!TShape.IsCounter && !(isOlderGauge && isNewerGauge)) row.Notes |= RangeNotes.NotGauge;
        _change.Load(newer);
        if (!TShape.IsCounter || (!isReset && !CounterResetDetection.IsReset(newer, older)))
        {
            var conflicts = _change.Subtract(older);
            if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None)
            {
                row.Notes |= RangeNotes.MixedBuckets;
                return false;
            }

            if ((conflicts & HistogramConflicts.CustomBounds) != HistogramConflicts.None)
                row.Notes |= RangeNotes.BoundsOfSubtraction;
        }

        _change.CounterResetHint = CounterResetHint.Gauge;
        _change.Compact();
        return true;
    }
}
