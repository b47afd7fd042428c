namespace PromHost.Model;

/// <summary>
/// Adds histograms with custom buckets of different bounds: both are mapped to the bounds they have in common, the
/// finest buckets that both can be divided into.
/// </summary>
internal static class CustomBoundsUnion
{
    /// <summary>Are the bounds equal?</summary>
    public static bool AreEqual(ReadOnlySpan<double> left, ReadOnlySpan<double> right) =>
        left == right || left.SequenceEqual(right);

    /// <summary>The common bounds of two ascending lists.</summary>
    public static double[] Intersect(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var common = new double[Math.Min(left.Length, right.Length)];
        var count = 0;
        var i = 0;
        var k = 0;
        while (i < left.Length && k < right.Length)
        {
            if (left[i] < right[k])
            {
                i++;
            }
            else
            {
                if (left[i] == right[k]) common[count++] = left[i++];
                k++;
            }
        }

        return count == common.Length ? common : common[..count];
    }

    /// <summary>
    /// Adds one side to another, mapped to common bounds; buckets that are empty then are left out. Additions are
    /// always compensated, but what rounding took is for compensated sums only.
    /// </summary>
    /// <param name="left">The side that is added to.</param>
    /// <param name="leftBounds">Its bounds.</param>
    /// <param name="right">The side that is added.</param>
    /// <param name="rightBounds">Its bounds.</param>
    /// <param name="sign">1, or -1 to subtract.</param>
    /// <param name="common">The common bounds.</param>
    /// <param name="result">Receives the sum.</param>
    public static void Add(
        in BucketView left, ReadOnlySpan<double> leftBounds, in BucketView right, ReadOnlySpan<double> rightBounds,
        double sign, ReadOnlySpan<double> common, BucketBuilder result)
    {
        var counts = new double[common.Length + 1];
        var lost = new double[common.Length + 1];
        Map(left, leftBounds, 1, common, counts, lost);
        Map(right, rightBounds, sign, common, counts, lost);
        result.Clear();
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] != 0 || lost[i] != 0) result.Append(i, counts[i], lost[i], beginsSpan: false);
        }
    }

    private static void Map(
        in BucketView side, ReadOnlySpan<double> bounds, double sign, ReadOnlySpan<double> common, Span<double> counts,
        Span<double> lost)
    {
        var cursor = side.GetCursor();
        var target = 0;
        while (cursor.MoveNext())
        {
            var bound = cursor.Index < bounds.Length ? bounds[cursor.Index] : double.PositiveInfinity;
            while (target < common.Length && common[target] < bound) target++;
            KahanSum.Add(sign * side.Counts[cursor.Position], ref counts[target], ref lost[target]);
            if (!side.Lost.IsEmpty) KahanSum.Add(side.Lost[cursor.Position], ref counts[target], ref lost[target]);
        }
    }
}
