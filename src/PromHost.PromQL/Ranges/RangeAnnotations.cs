using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Turns <see cref="RangeNotes"/> into warnings and infos in Prometheus's words.</summary>
internal static class RangeAnnotations
{
    /// <summary>Tells what the windows of a series had to say.</summary>
    /// <param name="context">The query.</param>
    /// <param name="notes">What there is to say.</param>
    /// <param name="series">The series that was read.</param>
    /// <param name="position">What it is about.</param>
    /// <param name="node">The function or selector that says it.</param>
    public static void Tell(
        this QueryContext context, RangeNotes notes, Labels series, PositionRange position, PositionRange node)
    {
        if (notes == RangeNotes.None) return;
        var name = GoText.Quote(series.MetricNameValue);
        Warn(RangeNotes.MixedKinds, $"encountered a mix of histograms and floats for metric name {name}");
        Warn(RangeNotes.NotCounter, $"this native histogram metric is not a counter: {name}");
        Warn(RangeNotes.NotGauge, $"this native histogram metric is not a gauge: {name}");
        Warn(
            RangeNotes.MixedBuckets,
            $"vector contains a mix of histograms with exponential and custom buckets schemas for metric name {name}");
        Warn(RangeNotes.ResetConflict, "conflicting counter resets during histogram aggregation");
        Inform(RangeNotes.BoundsOfAddition, "mismatched custom buckets were reconciled during addition");
        Inform(RangeNotes.BoundsOfSubtraction, "mismatched custom buckets were reconciled during subtraction");
        Inform(RangeNotes.BoundsOfAggregation, "mismatched custom buckets were reconciled during aggregation");
        Inform(
            RangeNotes.IgnoredHistograms,
            $"ignored histograms in a range containing both floats and histograms for metric name {name}");

        void Warn(RangeNotes note, string text)
        {
            if ((notes & note) != RangeNotes.None) context.Warn(position, text, node);
        }

        void Inform(RangeNotes note, string text)
        {
            if ((notes & note) != RangeNotes.None) context.Inform(position, text, node);
        }
    }

    /// <summary>What a sum or mean of histograms has to say.</summary>
    public static RangeNotes OfAggregation(HistogramConflicts conflicts)
    {
        // Without a result nothing else matters.
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return RangeNotes.MixedBuckets;
        var notes = RangeNotes.None;
        if ((conflicts & HistogramConflicts.CounterResetHints) != HistogramConflicts.None)
            notes |= RangeNotes.ResetConflict;
        if ((conflicts & HistogramConflicts.CustomBounds) != HistogramConflicts.None)
            notes |= RangeNotes.BoundsOfAggregation;
        return notes;
    }
}
