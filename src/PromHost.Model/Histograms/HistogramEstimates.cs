// Hot path: every histogram function at every step.
namespace PromHost.Model;

/// <summary>
/// Estimates from native histograms (Prometheus 3.14, <c>promql/quantile.go</c> and <c>promql/functions.go</c>): within
/// custom buckets and the zero bucket observations are taken to lie evenly, within exponential ones evenly on a
/// logarithmic scale. A histogram with positive buckets only, or negative ones only, has a zero bucket that ends at 0.
/// Stateless; allocates nothing.
/// </summary>
public static class HistogramEstimates
{
    private const double InverseLogOfTwo = 1.44269504088896340735992468100189214;

    /// <summary>A quantile.</summary>
    /// <param name="histogram">The histogram; without observations the result is NaN.</param>
    /// <param name="quantile">The quantile; below 0 gives -Inf, above 1 +Inf, NaN gives NaN.</param>
    /// <param name="effect">What observed NaNs, taken as the largest values, did to it.</param>
    public static double Quantile(NativeHistogram histogram, double quantile, out HistogramNaNEffect effect)
    {
        effect = HistogramNaNEffect.None;
        if (quantile < 0) return double.NegativeInfinity;
        if (quantile > 1) return double.PositiveInfinity;
        if (histogram.Count == 0 || double.IsNaN(quantile)) return double.NaN;

        // From the nearer end, as sums are most exact there; NaNs have no bucket at the upper end.
        var mayHaveNaNs = double.IsNaN(histogram.Sum);
        var isAscending = mayHaveNaNs || quantile < 0.5;
        var rank = (isAscending ? quantile : 1 - quantile) * histogram.Count;
        var walk = isAscending
            ? HistogramBucketWalk.Ascending(histogram)
            : HistogramBucketWalk.Descending(histogram);
        var bucket = default(HistogramBucket);
        var count = 0.0;
        while (walk.MoveNext())
        {
            bucket = walk.Current;
            if (bucket.Count == 0) continue;
            count += bucket.Count;
            if (count >= rank) break;
        }

        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        if (!isCustom)
        {
            if (bucket.Lower < 0 && bucket.Upper > 0) bucket = CutZeroBucket(histogram, bucket);
        }
        else if (double.IsNegativeInfinity(bucket.Lower))
        {
            if (bucket.Upper <= 0) return bucket.Upper;
            bucket = bucket with { Lower = 0 };
        }
        else if (double.IsPositiveInfinity(bucket.Upper))
        {
            return bucket.Lower;
        }

        if (count > histogram.Count) count = histogram.Count;
        if (count < rank)
        {
            if (!mayHaveNaNs) return bucket.Upper;
            effect = HistogramNaNEffect.NoResult;
            return double.NaN;
        }

        rank = isAscending ? rank - (count - bucket.Count) : count - rank;
        if (mayHaveNaNs)
        {
            // Prometheus goes on to the last bucket here and interpolates in that one.
            while (walk.MoveNext())
            {
                bucket = walk.Current;
                count += bucket.Count;
            }

            if (count < histogram.Count) effect = HistogramNaNEffect.Skewed;
        }

        return Interpolate(bucket, rank / bucket.Count, isCustom);
    }

    /// <summary>The share of the observations between two values.</summary>
    /// <param name="histogram">The histogram; without observations the result is NaN.</param>
    /// <param name="lower">The lower value; NaN gives NaN.</param>
    /// <param name="upper">The upper value; NaN gives NaN, and one not above <paramref name="lower"/> 0.</param>
    /// <param name="effect">Are there NaNs, which are in no share?</param>
    public static double Fraction(
        NativeHistogram histogram, double lower, double upper, out HistogramNaNEffect effect)
    {
        effect = HistogramNaNEffect.None;
        if (histogram.Count == 0 || double.IsNaN(lower) || double.IsNaN(upper)) return double.NaN;
        if (lower >= upper) return 0;
        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        var lowerRank = double.NaN;
        var upperRank = double.NaN;
        var hasLower = false;
        var hasUpper = false;
        var rank = 0.0;
        var count = 0.0;
        var walk = HistogramBucketWalk.Ascending(histogram);
        while (walk.MoveNext())
        {
            var bucket = walk.Current;
            count += bucket.Count;
            var isZeroBucket = bucket.Lower <= 0 && bucket.Upper >= 0;
            if (isZeroBucket) bucket = CutZeroBucket(histogram, bucket);
            var isLinear = isCustom || isZeroBucket;
            if (!hasLower) hasLower = TryRank(bucket, lower, rank, isLinear, out lowerRank);
            if (!hasUpper) hasUpper = TryRank(bucket, upper, rank, isLinear, out upperRank);
            if (hasLower && hasUpper) break;
            rank += bucket.Count;
        }

        if (double.IsNaN(histogram.Sum))
        {
            while (walk.MoveNext()) count += walk.Current.Count;
            if (count < histogram.Count) effect = HistogramNaNEffect.Skewed;
        }
        else
        {
            count = histogram.Count;
        }

        if (!hasLower || lowerRank > count) lowerRank = count;
        if (!hasUpper || upperRank > count) upperRank = count;
        return (upperRank - lowerRank) / histogram.Count;
    }

    /// <summary>The mean of the observations.</summary>
    public static double Average(NativeHistogram histogram) => histogram.Sum / histogram.Count;

    /// <summary>The standard deviation of the observations; see <see cref="Variance"/>.</summary>
    public static double StandardDeviation(NativeHistogram histogram) => Math.Sqrt(Variance(histogram));

    /// <summary>
    /// The variance of the observations. All of a bucket are taken to be in its middle: the arithmetic one of custom
    /// buckets, the geometric one of exponential ones, 0 in the zero bucket.
    /// </summary>
    public static double Variance(NativeHistogram histogram)
    {
        var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
        var mean = Average(histogram);
        var sum = 0.0;
        var lost = 0.0;
        foreach (var bucket in HistogramBucketWalk.Ascending(histogram))
        {
            if (bucket.Count == 0) continue;
            var distance = MiddleOf(bucket, isCustom) - mean;
            KahanSum.Add(bucket.Count * distance * distance, ref sum, ref lost);
        }

        return (sum + lost) / histogram.Count;
    }

    /// <summary>The share of a bucket's width below a value, for finite bounds around it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="value">The value, between the bounds.</param>
    /// <param name="isLinear">Do observations lie evenly, or evenly on a logarithmic scale?</param>
    internal static double ShareBelow(in HistogramBucket bucket, double value, bool isLinear)
    {
        if (isLinear) return (value - bucket.Lower) / (bucket.Upper - bucket.Lower);
        var lower = Log2(Math.Abs(bucket.Lower));
        var upper = Log2(Math.Abs(bucket.Upper));
        var at = Log2(Math.Abs(value));
        return value > 0 ? (at - lower) / (upper - lower) : 1 - (at - upper) / (lower - upper);
    }

    private static HistogramBucket CutZeroBucket(NativeHistogram histogram, in HistogramBucket bucket) =>
        (histogram.NegativeCounts.IsEmpty, histogram.PositiveCounts.IsEmpty) switch
        {
            (true, false) => bucket with { Lower = 0 },
            (false, true) => bucket with { Upper = 0 },
            _ => bucket,
        };

    // How many observations lie below a value, if it lies in the bucket or at its lower end, or below.
    private static bool TryRank(in HistogramBucket bucket, double value, double before, bool isLinear, out double rank)
    {
        rank = before;
        if (bucket.Lower >= value) return true;
        if (!(bucket.Lower < value && bucket.Upper > value)) return false;
        // A bucket without a lower end cannot be divided; all of it counts.
        rank = isLinear && double.IsNegativeInfinity(bucket.Lower)
            ? bucket.Count
            : before + bucket.Count * ShareBelow(bucket, value, isLinear);
        return true;
    }

    private static double MiddleOf(in HistogramBucket bucket, bool isCustom)
    {
        if (isCustom) return (bucket.Upper + bucket.Lower) / 2;
        if (bucket.Lower <= 0 && bucket.Upper >= 0) return 0;
        var middle = Math.Sqrt(bucket.Upper * bucket.Lower);
        return bucket.Upper < 0 ? -middle : middle;
    }

    private static double Interpolate(in HistogramBucket bucket, double share, bool isCustom)
    {
        if (isCustom || (bucket.Lower <= 0 && bucket.Upper >= 0))
            return bucket.Lower + (bucket.Upper - bucket.Lower) * share;
        var lower = Log2(Math.Abs(bucket.Lower));
        var upper = Log2(Math.Abs(bucket.Upper));
        return bucket.Lower > 0
            ? double.Exp2(lower + (upper - lower) * share)
            : -double.Exp2(upper + (lower - upper) * (1 - share));
    }

    // Go computes it from the fraction in [0.5, 1) and the exponent; the last bits depend on that.
    private static double Log2(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return Math.Log2(value);
        var exponent = Math.ILogB(value) + 1;
        var fraction = Math.ScaleB(value, -exponent);
        return fraction == 0.5 ? exponent - 1 : Math.Log(fraction) * InverseLogOfTwo + exponent;
    }
}
