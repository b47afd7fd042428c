using System.Globalization;

namespace PromHost.Model;

/// <summary>The buckets of native histograms with their bounds.</summary>
public static class HistogramBuckets
{
    private const int MaxSchema = 8;

    // How many doubles the bounds of Prometheus's tables lie below those nearest to 2^(i/256), and one more.
    private const string StepsBelow =
        "1111112111211111112311222222222211211121122211221122102211221122" +
        "1111112222332132112111211112111111121011213311221222112121332222" +
        "2121223322322122222222323233323311221121223321332233212232332232" +
        "2243223233433343333333444455435422322333324422333243223333543344";

    // 2^(i/256), to the last bit as Prometheus has it.
    private static readonly double[] Fractions = MakeFractions();

    /// <summary>
    /// All buckets of the spans, empty ones too, ascending; the zero bucket, where it is not empty, at its place.
    /// </summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="areCutAtZero">Do the buckets beside the zero bucket end where that begins?</param>
    public static IEnumerable<HistogramBucket> Of(NativeHistogram histogram, bool areCutAtZero)
    {
        var threshold = histogram.ZeroThreshold;
        var negative = Enumerable.Reverse(Indexed(histogram.NegativeSpans, histogram.NegativeCounts));
        var ordinal = 1 + histogram.PositiveCounts.Length + histogram.NegativeCounts.Length;
        foreach (var (index, count) in negative)
        {
            var upper = -BoundOf(histogram, index - 1);
            if (areCutAtZero && upper < 0 && upper > -threshold) upper = -threshold;
            yield return new HistogramBucket(-BoundOf(histogram, index), upper, true, false, count, ordinal--);
        }

        if (histogram.ZeroCount > 0)
            yield return new HistogramBucket(-threshold, threshold, true, true, histogram.ZeroCount, 1);
        ordinal = 2;
        foreach (var (index, count) in Indexed(histogram.PositiveSpans, histogram.PositiveCounts))
        {
            var lower = BoundOf(histogram, index - 1);
            var upper = BoundOf(histogram, index);
            if (areCutAtZero && lower > 0 && lower < threshold) lower = threshold;
            var isCustom = histogram.Schema == NativeHistogram.CustomBucketsSchema;
            yield return new HistogramBucket(
                lower, upper, isCustom ? index == 0 : lower < 0, isCustom || upper > 0, count, ordinal++);
        }
    }

    private static List<(int Index, double Count)> Indexed(
        ReadOnlyMemory<HistogramSpan> spans, ReadOnlyMemory<double> counts)
    {
        var indexed = new List<(int, double)>(counts.Length);
        var index = 0;
        foreach (var span in spans.Span)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length && indexed.Count < counts.Length; i++)
                indexed.Add((index++, counts.Span[indexed.Count]));
        }

        return indexed;
    }

    private static double BoundOf(NativeHistogram histogram, int index)
    {
        if (histogram.Schema == NativeHistogram.CustomBucketsSchema)
        {
            var bounds = histogram.CustomBounds.Span;
            if (index < 0) return double.NegativeInfinity;
            return index < bounds.Length ? bounds[index] : double.PositiveInfinity;
        }

        var perPower = histogram.Schema >= 0 ? 1 << histogram.Schema : 1;
        var power = histogram.Schema >= 0 ? index >> histogram.Schema : index << -histogram.Schema;
        // The bound after the largest number would be infinite, but infinity has a bucket of its own.
        if (power == 1024 && index % perPower == 0) return double.MaxValue;
        var part = (index & (perPower - 1)) << (MaxSchema - Math.Max(histogram.Schema, 0));
        return Math.ScaleB(Fractions[part], power);
    }

    private static double[] MakeFractions()
    {
        // 2^(1/2), 2^(1/4) and so on to 2^(1/256).
        decimal[] roots =
        [
            1.4142135623730950488016887242m, 1.1892071150027210667174999706m, 1.0905077326652576592070106558m,
            1.0442737824274138403219664787m, 1.0218971486541166782344801348m, 1.0108892860517004600204097906m,
            1.0054299011128028213513839560m, 1.0027112750502024854307455884m,
        ];
        var fractions = new double[1 << MaxSchema];
        for (var i = 0; i < fractions.Length; i++)
        {
            var product = 1m;
            for (var bit = 0; bit < MaxSchema; bit++)
            {
                if ((i >> (MaxSchema - 1 - bit) & 1) != 0) product *= roots[bit];
            }

            // The conversion of decimals rounds twice; reading digits rounds once.
            var nearest = double.Parse(
                product.ToString(CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
            fractions[i] = BitConverter.Int64BitsToDouble(
                BitConverter.DoubleToInt64Bits(nearest) - (StepsBelow[i] - '1'));
        }

        return fractions;
    }
}
