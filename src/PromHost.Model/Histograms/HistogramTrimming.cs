namespace PromHost.Model;

/// <summary>
/// Cuts native histograms off at a value: PromQL's <c>&lt;/</c> and <c>&gt;/</c> (Prometheus 3.14,
/// <c>FloatHistogram.TrimBuckets</c>). A bucket around the value is divided as <see cref="HistogramEstimates"/> does;
/// one that has no end on one side is kept or dropped as a whole, since nobody knows where its observations lie. If
/// anything was cut off, count and sum are estimated from the buckets that remain and empty buckets are left out.
/// Stateless.
/// </summary>
public static class HistogramTrimming
{
    /// <summary>Keeps what lies below a value (<c>histogram &lt;/ value</c>).</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="value">The value.</param>
    /// <param name="workspace">Buffers.</param>
    /// <returns>What is kept; the same object if that is everything.</returns>
    public static NativeHistogram KeepBelow(NativeHistogram histogram, double value, HistogramWorkspace workspace) =>
        Trim(histogram, value, keepsBelow: true, workspace);

    /// <summary>Keeps what lies above a value (<c>histogram &gt;/ value</c>).</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="value">The value.</param>
    /// <param name="workspace">Buffers.</param>
    /// <returns>What is kept; the same object if that is everything.</returns>
    public static NativeHistogram KeepAbove(NativeHistogram histogram, double value, HistogramWorkspace workspace) =>
        Trim(histogram, value, keepsBelow: false, workspace);

    private static NativeHistogram Trim(
        NativeHistogram histogram, double value, bool keepsBelow, HistogramWorkspace workspace)
    {
        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        var cut = new Cut(value, keepsBelow, isCustom);
        var totals = default(Totals);
        var positive = histogram.PositiveCounts.ToArray();
        var hasPositive = TrimSide(cut, HistogramBucketWalk.Positive(histogram), positive, ref totals);
        var negative = isCustom ? [] : histogram.NegativeCounts.ToArray();
        var hasNegative = TrimSide(cut with { IsNegative = true }, HistogramBucketWalk.Negative(histogram), negative,
            ref totals);
        var zeroCount = isCustom ? 0 : histogram.ZeroCount;
        if (zeroCount > 0)
        {
            var kept = KeepOfZeroBucket(cut, histogram, hasPositive, hasNegative);
            totals.Add(kept, isCut: zeroCount != kept.Count);
            zeroCount = kept.Count;
        }

        if (!totals.IsCut) return histogram;
        return HistogramArithmetic.Compact(
            new NativeHistogram
            {
                Schema = histogram.Schema,
                Count = totals.Count,
                Sum = totals.Sum,
                ZeroCount = zeroCount,
                ZeroThreshold = histogram.ZeroThreshold,
                CounterResetHint = histogram.CounterResetHint,
                PositiveSpans = histogram.PositiveSpans,
                PositiveCounts = positive,
                NegativeSpans = isCustom ? default : histogram.NegativeSpans,
                NegativeCounts = negative,
                CustomBounds = histogram.CustomBounds,
            },
            workspace);
    }

    // Answers whether the side had observations.
    private static bool TrimSide(Cut cut, HistogramBucketWalk walk, Span<double> counts, ref Totals totals)
    {
        var isPopulated = false;
        for (var i = 0; walk.MoveNext(); i++)
        {
            var bucket = walk.Current;
            if (bucket.Count == 0) continue;
            isPopulated = true;
            var isWhole = cut.KeepsBelow ? bucket.Upper <= cut.Value : bucket.Lower >= cut.Value;
            var isPart = cut.KeepsBelow ? bucket.Lower < cut.Value : bucket.Upper > cut.Value;
            var kept = isWhole ? new Kept(bucket.Count, Middle(cut, bucket.Lower, bucket.Upper))
                : isPart ? KeepOf(cut, bucket)
                : default;
            totals.Add(kept, isCut: !isWhole && bucket.Count != kept.Count);
            counts[i] = kept.Count;
        }

        return isPopulated;
    }

    private static Kept KeepOf(Cut cut, in HistogramBucket bucket)
    {
        if (double.IsNegativeInfinity(bucket.Lower)) return KeepOfLowest(cut, bucket);
        if (double.IsPositiveInfinity(bucket.Upper)) return KeepOfHighest(cut, bucket);
        var below = cut.Value <= bucket.Lower ? 0
            : cut.Value >= bucket.Upper ? bucket.Count
            : bucket.Count * HistogramEstimates.ShareBelow(bucket, cut.Value, cut.IsCustom);
        return cut.KeepsBelow
            ? new Kept(below, Middle(cut, bucket.Lower, cut.Value))
            : new Kept(bucket.Count - below, Middle(cut, cut.Value, bucket.Upper));
    }

    // The value lies above -Inf, where the bucket begins.
    private static Kept KeepOfLowest(Cut cut, in HistogramBucket bucket)
    {
        // A custom bucket that reaches above 0 is taken to begin there.
        var beginsAtZero = bucket.Upper > 0 && double.IsFinite(bucket.Upper);
        if (cut.KeepsBelow)
        {
            if (cut.Value >= bucket.Upper) return new Kept(bucket.Count, 0);
            if (cut.Value > 0 && beginsAtZero) return new Kept(bucket.Count * cut.Value / bucket.Upper, cut.Value / 2);
            return bucket.Upper <= 0 ? new Kept(bucket.Count, cut.Value) : new Kept(0, FiniteOrZero(bucket.Upper));
        }

        if (double.IsNegativeInfinity(cut.Value)) return new Kept(bucket.Count, 0);
        return cut.Value >= 0 && bucket.Upper > cut.Value && beginsAtZero
            ? new Kept(bucket.Count * (1 - cut.Value / bucket.Upper), (cut.Value + bucket.Upper) / 2)
            : new Kept(0, FiniteOrZero(bucket.Upper));
    }

    private static Kept KeepOfHighest(Cut cut, in HistogramBucket bucket) =>
        !cut.KeepsBelow && cut.Value >= bucket.Lower
            ? new Kept(bucket.Count, cut.Value)
            : new Kept(0, FiniteOrZero(bucket.Lower));

    private static Kept KeepOfZeroBucket(Cut cut, NativeHistogram histogram, bool hasPositive, bool hasNegative)
    {
        var lower = hasPositive && !hasNegative ? 0 : -histogram.ZeroThreshold;
        var upper = hasNegative && !hasPositive ? 0 : histogram.ZeroThreshold;
        if (cut.Value <= lower)
            return cut.KeepsBelow ? default : new Kept(histogram.ZeroCount, (lower + upper) / 2);
        if (cut.Value >= upper)
            return cut.KeepsBelow ? new Kept(histogram.ZeroCount, (lower + upper) / 2) : default;
        return cut.KeepsBelow
            ? new Kept(histogram.ZeroCount * ((cut.Value - lower) / (upper - lower)), (lower + cut.Value) / 2)
            : new Kept(histogram.ZeroCount * ((upper - cut.Value) / (upper - lower)), (cut.Value + upper) / 2);
    }

    // Where observations between two values are taken to be for the sum.
    private static double Middle(Cut cut, double lower, double upper)
    {
        if (double.IsInfinity(lower))
        {
            if (double.IsInfinity(upper)) return 0;
            return upper > 0 ? upper / 2 : upper;
        }

        if (double.IsInfinity(upper)) return lower;
        if (cut.IsCustom) return (lower + upper) / 2;
        var middle = Math.Sqrt(Math.Abs(lower * upper));
        return cut.IsNegative ? -middle : middle;
    }

    private static double FiniteOrZero(double value) => double.IsInfinity(value) ? 0 : value;

    private readonly record struct Cut(double Value, bool KeepsBelow, bool IsCustom, bool IsNegative = false);

    private readonly record struct Kept(double Count, double Middle);

    private struct Totals
    {
        public double Count;
        public double Sum;
        public bool IsCut;

        public void Add(Kept kept, bool isCut)
        {
            IsCut |= isCut;
            Count += kept.Count;
            Sum += kept.Middle * kept.Count;
        }
    }
}
