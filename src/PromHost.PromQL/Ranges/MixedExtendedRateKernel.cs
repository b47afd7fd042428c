// Hot path: one call per window of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// <c>rate</c>, <c>increase</c>, <c>delta</c> of <c>anchored</c> and <c>smoothed</c> ranges where there are histograms
/// (Prometheus 3.14, <c>extendedHistogramRate</c>).
/// </summary>
/// <param name="rangeMs">The length of the range.</param>
/// <param name="smoothed">Smoothed, not anchored.</param>
internal sealed class MixedExtendedRateKernel<TShape>(long rangeMs, bool smoothed)
    : OneKindKernel<ExtendedRateKernel<TShape>>(new ExtendedRateKernel<TShape>(rangeMs, smoothed))
    where TShape : struct, IRateShape
{
    private readonly double _rangeSeconds = GoDuration.Seconds(rangeMs);
    private readonly HistogramInterpolation _interpolation = new();
    private readonly HistogramAccumulator _change = new(new HistogramWorkspace());
    private readonly HistogramAccumulator _correction = new(new HistogramWorkspace());

    /// <inheritdoc/>
    protected override void ComputeHistograms(in MixedWindow window, SeriesRow row)
    {
        var notes = RangeNotes.None;
        if (TryCompute(window, ref notes))
        {
            if (TShape.IsPerSecond) _change.Divide(_rangeSeconds);
            _change.CounterResetHint = CounterResetHint.Gauge;
            _change.Compact();
            row.Set(window.Step, _change);
        }

        row.Notes |= notes;
    }

    private bool TryCompute(in MixedWindow window, ref RangeNotes notes)
    {
        var lane = window.Samples.Histograms;
        var times = lane.TimestampsMs[window.FirstHistogram..window.EndHistogram];
        var histograms = lane.Samples[window.FirstHistogram..window.EndHistogram];
        if (!Interpolation.TryFindEnds(times, window.StartMs, window.EndMs, smoothed, out var first, out var last) ||
            !AreOneKind(histograms[first..(last + 1)], ref notes))
            return false;
        var left = smoothed && times[first] < window.StartMs
            ? _interpolation.Between(times, histograms, first, window.StartMs, TShape.IsCounter, ref notes)
            : histograms[first];
        if (left is null) return false;
        var right = smoothed && last > 0 && times[last] > window.EndMs
            ? _interpolation.Between(times, histograms, last - 1, window.EndMs, TShape.IsCounter, ref notes)
            : histograms[last];
        if (right is null) return false;
        if (!TShape.IsCounter && (left.CounterResetHint != CounterResetHint.Gauge ||
            right.CounterResetHint != CounterResetHint.Gauge))
            notes |= RangeNotes.NotGauge;
        _change.Load(right);
        if (!HistogramInterpolation.Note(_change.Subtract(left), RangeNotes.BoundsOfSubtraction, ref notes))
            return false;
        if (!TShape.IsCounter) return true;
        // A reset between a sample before the range and the first one inside is in the left end already.
        var isResetInLeft = smoothed && times[first] < window.StartMs &&
            CounterResetDetection.IsReset(histograms[first + 1], histograms[first]);
        var before = isResetInLeft ? histograms[first + 1] : left;
        var from = first + (isResetInLeft ? 2 : 1);
        return from > last || TryAddResets(before, histograms[from..last], right, ref notes);
    }

    private static bool AreOneKind(ReadOnlySpan<NativeHistogram> histograms, ref RangeNotes notes)
    {
        var hasCustomBuckets = histograms[0].Schema == NativeHistogram.CustomBucketsSchema;
        foreach (var histogram in histograms)
        {
            if (histogram.Schema == NativeHistogram.CustomBucketsSchema != hasCustomBuckets)
            {
                notes |= RangeNotes.MixedBuckets;
                return false;
            }

            if (TShape.IsCounter && histogram.CounterResetHint == CounterResetHint.Gauge)
                notes |= RangeNotes.NotCounter;
        }

        return true;
    }

    // The right end has the hint of the last sample, which therefore is not looked at beside it.
    private bool TryAddResets(NativeHistogram before, ReadOnlySpan<NativeHistogram> inside, NativeHistogram right,
        ref RangeNotes notes)
    {
        var hasCorrection = false;
        foreach (var histogram in inside)
        {
            if (!TryCorrect(histogram, before, ref hasCorrection, ref notes)) return false;
            before = histogram;
        }

        if (!TryCorrect(right, before, ref hasCorrection, ref notes)) return false;
        return !hasCorrection || HistogramInterpolation.Note(
            _change.Add(_correction.ToHistogram()), RangeNotes.BoundsOfAddition, ref notes);
    }

    private bool TryCorrect(
        NativeHistogram histogram, NativeHistogram before, ref bool hasCorrection, ref RangeNotes notes)
    {
        if (!CounterResetDetection.IsReset(histogram, before)) return true;
        if (hasCorrection)
            return HistogramInterpolation.Note(_correction.Add(before), RangeNotes.BoundsOfAddition, ref notes);
        _correction.Load(before);
        hasCorrection = true;
        return true;
    }
}
