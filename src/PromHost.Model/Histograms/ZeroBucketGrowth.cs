namespace PromHost.Model;

/// <summary>
/// Makes zero buckets larger, so that two histograms have the same one. A threshold inside of a bucket that is not
/// empty moves out to that bucket's end.
/// </summary>
internal static class ZeroBucketGrowth
{
    /// <summary>What the zero bucket would be with a larger threshold.</summary>
    /// <param name="histogram">The histogram, an exponential one.</param>
    /// <param name="threshold">The threshold, not below that of the histogram; may be raised.</param>
    /// <param name="count">The count of the zero bucket, without what rounding took.</param>
    /// <param name="lost">What rounding took.</param>
    public static void Measure(
        in HistogramView histogram, ref double threshold, out double count, out double lost)
    {
        lost = histogram.ZeroLost;
        double positiveThreshold;
        do
        {
            // Prometheus begins anew with the count, but not with what rounding took.
            count = histogram.ZeroCount;
            Absorb(histogram.Positive, histogram.Schema, ref threshold, ref count, ref lost);
            positiveThreshold = threshold;
            Absorb(histogram.Negative, histogram.Schema, ref threshold, ref count, ref lost);
        }
        while (threshold != positiveThreshold);
    }

    private static void Absorb(
        in BucketView side, int schema, ref double threshold, ref double count, ref double lost)
    {
        var cursor = side.GetCursor();
        while (cursor.MoveNext())
        {
            if (BucketBounds.UpperOfExponential(schema, cursor.Index - 1) >= threshold) return;
            var inBucket = side.Counts[cursor.Position];
            KahanSum.Add(inBucket, ref count, ref lost);
            if (!side.Lost.IsEmpty) KahanSum.Add(side.Lost[cursor.Position], ref count, ref lost);
            var end = BucketBounds.UpperOfExponential(schema, cursor.Index);
            if (end <= threshold) continue;
            if (inBucket != 0) threshold = end;
            return;
        }
    }
}
