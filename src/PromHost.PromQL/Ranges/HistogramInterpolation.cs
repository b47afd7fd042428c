// Hot path: one call per end of a window of a smoothed selector.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Histograms on the line between two neighbouring ones, for <c>smoothed</c> selectors (Prometheus 3.14,
/// <c>interpolateHistograms</c>). For one thread.
/// </summary>
internal sealed class HistogramInterpolation
{
    private readonly HistogramAccumulator _value = new(new HistogramWorkspace());

    /// <summary>Computes the histogram at a time.</summary>
    /// <param name="times">Times of the samples.</param>
    /// <param name="histograms">The samples.</param>
    /// <param name="before">Index of the earlier one.</param>
    /// <param name="timeMs">Between the two.</param>
    /// <param name="isCounter">Does a reset mean that the counter began anew at zero?</param>
    /// <param name="notes">What there is to say is added.</param>
    /// <returns>Null when there are exponential and custom buckets; the notes say so.</returns>
    public NativeHistogram? Between(ReadOnlySpan<long> times, ReadOnlySpan<NativeHistogram> histograms, int before,
        long timeMs, bool isCounter, ref RangeNotes notes)
    {
        var from = histograms[before];
        var to = histograms[before + 1];
        if (timeMs == times[before]) return from;
        if (timeMs == times[before + 1]) return to;
        var share = (double)(timeMs - times[before]) / (times[before + 1] - times[before]);
        _value.Load(to);
        if (isCounter && CounterResetDetection.IsReset(to, from))
        {
            _value.Multiply(share);
            return _value.ToHistogram();
        }

        if (!Note(_value.Subtract(from), RangeNotes.BoundsOfSubtraction, ref notes)) return null;
        _value.Multiply(share);
        return Note(_value.Add(from), RangeNotes.BoundsOfAddition, ref notes) ? _value.ToHistogram() : null;
    }

    /// <summary>Notes in what two histograms did not agree; hints are no matter here.</summary>
    /// <returns>Is there a result?</returns>
    public static bool Note(HistogramConflicts conflicts, RangeNotes ofBounds, ref RangeNotes notes)
    {
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None)
        {
            notes |= RangeNotes.MixedBuckets;
            return false;
        }

        if ((conflicts & HistogramConflicts.CustomBounds) != HistogramConflicts.None) notes |= ofBounds;
        return true;
    }
}
