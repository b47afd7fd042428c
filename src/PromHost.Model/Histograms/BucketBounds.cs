// Hot path: quantiles, zero buckets and answers ask for bounds bucket by bucket.
using System.Globalization;

namespace PromHost.Model;

/// <summary>
/// The bounds of the buckets of native histograms, to the last bit as Prometheus has them. The bucket with index i of
/// an exponential schema s ends at 2^(i / 2^s); that of custom buckets at the bound with that index.
/// </summary>
public static class BucketBounds
{
    private const int MaxSchema = 8;
    private const int FractionBits = 52;

    // How many doubles the bounds of Prometheus's tables lie below those nearest to 2^(i/256), and one more.
    private const string StepsBelow =
        "1111112111211111112311222222222211211121122211221122102211221122" +
        "1111112222332132112111211112111111121011213311221222112121332222" +
        "2121223322322122222222323233323311221121223321332233212232332232" +
        "2243223233433343333333444455435422322333324422333243223333543344";

    // 2^(i/256), to the last bit as Prometheus has it.
    private static readonly double[] Fractions = MakeFractions();

    /// <summary>
    /// The upper bound of a bucket, as an absolute value for negative ones; the lower bound is the upper bound of
    /// <paramref name="index"/> - 1.
    /// </summary>
    /// <param name="schema">The schema, -4 to 8 or <see cref="NativeHistogram.CustomBucketsSchema"/>.</param>
    /// <param name="index">The index of the bucket. Of custom ones, -1 and the number of bounds are infinite.</param>
    /// <param name="customBounds">The bounds, for custom buckets.</param>
    public static double UpperOf(int schema, int index, ReadOnlySpan<double> customBounds)
    {
        if (schema != NativeHistogram.CustomBucketsSchema) return UpperOfExponential(schema, index);
        if (index < 0) return double.NegativeInfinity;
        return index < customBounds.Length ? customBounds[index] : double.PositiveInfinity;
    }

    /// <summary>The upper bound of an exponential bucket, as an absolute value for negative ones.</summary>
    /// <param name="schema">The schema, -4 to 8.</param>
    /// <param name="index">The index of the bucket.</param>
    public static double UpperOfExponential(int schema, int index)
    {
        var perPower = schema >= 0 ? 1 << schema : 1;
        var power = schema >= 0 ? index >> schema : (long)index << -schema;
        var part = (index & (perPower - 1)) << (MaxSchema - Math.Max(schema, 0));
        // The bound after the largest number would be infinite, but infinity has a bucket of its own.
        if (power == 1024 && part == 0) return double.MaxValue;
        var fraction = Fractions[part];
        return power is >= -1022 and <= 1023
            ? BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(fraction) + (power << FractionBits))
            : Math.ScaleB(fraction, (int)Math.Clamp(power, -5000, 5000));
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
