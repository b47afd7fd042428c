namespace PromHost.Model;

/// <summary>
/// Operators of PromQL between histograms and numbers, on histograms that nobody changes. What does not change is
/// shared with the result. Stateless.
/// </summary>
public static class HistogramArithmetic
{
    /// <summary>The sum of two histograms without empty buckets.</summary>
    /// <param name="left">A histogram.</param>
    /// <param name="right">A histogram.</param>
    /// <param name="workspace">Buffers.</param>
    /// <param name="conflicts">In what they did not agree.</param>
    /// <returns>The sum; null if one has exponential buckets and the other custom ones.</returns>
    public static NativeHistogram? Add(
        NativeHistogram left, NativeHistogram right, HistogramWorkspace workspace, out HistogramConflicts conflicts)
    {
        var sum = workspace.Operand;
        sum.Load(left);
        conflicts = sum.Add(right);
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return null;
        sum.Compact();
        return sum.ToHistogram();
    }

    /// <summary>The difference of two histograms without empty buckets, a gauge.</summary>
    /// <param name="left">A histogram.</param>
    /// <param name="right">What is subtracted from it.</param>
    /// <param name="workspace">Buffers.</param>
    /// <param name="conflicts">In what they did not agree.</param>
    /// <returns>The difference; null if one has exponential buckets and the other custom ones.</returns>
    public static NativeHistogram? Subtract(
        NativeHistogram left, NativeHistogram right, HistogramWorkspace workspace, out HistogramConflicts conflicts)
    {
        var difference = workspace.Operand;
        difference.Load(left);
        conflicts = difference.Subtract(right);
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None) return null;
        difference.CounterResetHint = CounterResetHint.Gauge;
        difference.Compact();
        return difference.ToHistogram();
    }

    /// <summary>
    /// Multiplies all counts and the sum; empty buckets stay. By a negative factor it becomes a gauge.
    /// </summary>
    public static NativeHistogram Multiply(NativeHistogram histogram, double factor)
    {
        var positive = new double[histogram.PositiveCounts.Length];
        BucketSums.Multiply(histogram.PositiveCounts.Span, factor, positive);
        var negative = new double[histogram.NegativeCounts.Length];
        BucketSums.Multiply(histogram.NegativeCounts.Span, factor, negative);
        return new NativeHistogram
        {
            Schema = histogram.Schema,
            Count = histogram.Count * factor,
            Sum = histogram.Sum * factor,
            ZeroCount = histogram.ZeroCount * factor,
            ZeroThreshold = histogram.ZeroThreshold,
            CounterResetHint = factor < 0 ? CounterResetHint.Gauge : histogram.CounterResetHint,
            PositiveSpans = histogram.PositiveSpans,
            PositiveCounts = positive,
            NegativeSpans = histogram.NegativeSpans,
            NegativeCounts = negative,
            CustomBounds = histogram.CustomBounds,
        };
    }

    /// <summary>
    /// Divides all counts and the sum; empty buckets stay. By a negative divisor it becomes a gauge; division by 0
    /// takes all buckets away, and leaves infinities and NaN elsewhere.
    /// </summary>
    public static NativeHistogram Divide(NativeHistogram histogram, double divisor)
    {
        var hasBuckets = divisor != 0;
        var positive = new double[hasBuckets ? histogram.PositiveCounts.Length : 0];
        BucketSums.Divide(histogram.PositiveCounts.Span[..positive.Length], divisor, positive);
        var negative = new double[hasBuckets ? histogram.NegativeCounts.Length : 0];
        BucketSums.Divide(histogram.NegativeCounts.Span[..negative.Length], divisor, negative);
        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        return new NativeHistogram
        {
            Schema = histogram.Schema,
            Count = histogram.Count / divisor,
            Sum = histogram.Sum / divisor,
            // Prometheus computes it whether the schema has a zero bucket or not, and compares it.
            ZeroCount = histogram.ZeroCount / divisor,
            ZeroThreshold = isCustom ? 0 : histogram.ZeroThreshold,
            CounterResetHint = divisor < 0 ? CounterResetHint.Gauge : histogram.CounterResetHint,
            PositiveSpans = hasBuckets ? histogram.PositiveSpans : default,
            PositiveCounts = positive,
            NegativeSpans = hasBuckets ? histogram.NegativeSpans : default,
            NegativeCounts = negative,
            CustomBounds = histogram.CustomBounds,
        };
    }

    /// <summary>The histogram with all counts and the sum negated, a gauge; empty buckets stay.</summary>
    public static NativeHistogram Negate(NativeHistogram histogram) => Multiply(histogram, -1);

    /// <summary>
    /// The histogram without empty buckets, but for those in gaps of at most so many, which are filled up; spans end
    /// only at gaps. The same object if there is nothing to do.
    /// </summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="workspace">Buffers.</param>
    /// <param name="maxEmptyBuckets">The longest run of empty buckets that is no gap.</param>
    public static NativeHistogram Compact(
        NativeHistogram histogram, HistogramWorkspace workspace, int maxEmptyBuckets = 0)
    {
        var view = new HistogramView(histogram);
        if (maxEmptyBuckets == 0
            && BucketOperations.IsCompact(view.Positive) && BucketOperations.IsCompact(view.Negative))
            return histogram;
        BucketOperations.Compact(view.Positive, maxEmptyBuckets, workspace.Result);
        var positive = workspace.Result.View;
        var positiveSpans = positive.Spans.ToArray();
        var positiveCounts = positive.Counts.ToArray();
        BucketOperations.Compact(view.Negative, maxEmptyBuckets, workspace.Result);
        var negative = workspace.Result.View;
        return histogram.WithBuckets(
            positiveSpans, positiveCounts, negative.Spans.ToArray(), negative.Counts.ToArray());
    }

    /// <summary>
    /// The histogram in a lower resolution, nothing being known of counter resets; the same object if it has the
    /// schema.
    /// </summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="schema">An exponential schema, not above that of the histogram, an exponential one too.</param>
    /// <param name="workspace">Buffers.</param>
    public static NativeHistogram LowerSchema(NativeHistogram histogram, int schema, HistogramWorkspace workspace)
    {
        if (histogram.Schema == schema) return histogram;
        var lowered = workspace.Operand;
        lowered.Load(histogram);
        lowered.LowerSchema(schema);
        return lowered.ToHistogram();
    }
}
