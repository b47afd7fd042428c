// Hot path: looks at every histogram under rate, increase and resets.
namespace PromHost.Model;

/// <summary>
/// Says whether a counter was reset between two native histograms (Prometheus 3.14,
/// <c>FloatHistogram.DetectReset</c>). Stateless; allocates nothing.
/// </summary>
/// <remarks>
/// The hint of the later one decides where it says anything about counters. Else it was a reset if anything shrank: a
/// count, a bucket, the zero bucket. A counter's resolution never rises without a reset, nor does its zero bucket get
/// smaller; where they went the other way, the earlier one is read as if it had been so before.
/// </remarks>
public static class CounterResetDetection
{
    /// <summary>Was there a reset?</summary>
    /// <param name="current">The later histogram.</param>
    /// <param name="previous">The earlier histogram.</param>
    public static bool IsReset(NativeHistogram current, NativeHistogram previous)
    {
        if (current.CounterResetHint == CounterResetHint.CounterReset) return true;
        if (current.CounterResetHint == CounterResetHint.NotCounterReset) return false;
        if (current.Count < previous.Count) return true;
        var after = new HistogramView(current);
        var before = new HistogramView(previous);
        if (after.HasCustomBuckets)
        {
            if (!before.HasCustomBuckets) return true;
            if (!CustomBoundsUnion.AreEqual(after.CustomBounds, before.CustomBounds))
                return AnyCommonShrank(after, before);
        }

        if (after.Schema > before.Schema) return true;
        if (DidZeroBucketShrink(after, before)) return true;
        return AnyShrank(after.Positive, before.Positive, after, before.Schema)
            || AnyShrank(after.Negative, before.Negative, after, before.Schema);
    }

    private static bool DidZeroBucketShrink(in HistogramView after, in HistogramView before)
    {
        if (after.ZeroThreshold < before.ZeroThreshold) return true;
        var count = before.ZeroCount;
        if (after.ZeroThreshold > before.ZeroThreshold)
        {
            var threshold = after.ZeroThreshold;
            ZeroBucketGrowth.Measure(before, ref threshold, out count, out _);
            // A zero bucket does not grow into the middle of a bucket that was not empty.
            if (threshold != after.ZeroThreshold) return true;
        }

        return after.ZeroCount < count;
    }

    private static bool AnyShrank(
        in BucketView after, in BucketView before, in HistogramView current, int previousSchema)
    {
        var isExponential = !current.HasCustomBuckets;
        var shift = isExponential ? previousSchema - current.Schema : 0;
        if (shift == 0 && after.HasLayoutOf(before)
            && !(isExponential && after.BeginsWithin(current.Schema, current.ZeroThreshold)))
            return BucketSums.AnyLess(after.Counts, before.Counts);

        var now = new MergingBucketCursor(after, 0);
        var then = new MergingBucketCursor(before, shift);
        var hasNow = isExponential ? now.MoveBeyond(current.Schema, current.ZeroThreshold) : now.MoveNext();
        var hasThen = isExponential ? then.MoveBeyond(current.Schema, current.ZeroThreshold) : then.MoveNext();
        while (hasThen)
        {
            while (hasNow && now.Index < then.Index) hasNow = now.MoveNext();
            var isThere = hasNow && now.Index == then.Index;
            if (isThere ? now.Count < then.Count : then.Count != 0) return true;
            hasThen = then.MoveNext();
        }

        return false;
    }

    // Between common bounds, the sums of the finer buckets are compared.
    private static bool AnyCommonShrank(in HistogramView after, in HistogramView before)
    {
        var afterBounds = after.CustomBounds;
        var beforeBounds = before.CustomBounds;
        var now = after.Positive.GetCursor();
        var then = before.Positive.GetCursor();
        var hasNow = now.MoveNext();
        var hasThen = then.MoveNext();
        var i = 0;
        var k = 0;
        while (i <= afterBounds.Length && k <= beforeBounds.Length)
        {
            var afterBound = i < afterBounds.Length ? afterBounds[i] : double.PositiveInfinity;
            var beforeBound = k < beforeBounds.Length ? beforeBounds[k] : double.PositiveInfinity;
            if (afterBound == beforeBound)
            {
                var nowCount = AddUpTo(i, after.Positive.Counts, ref now, ref hasNow);
                var thenCount = AddUpTo(k, before.Positive.Counts, ref then, ref hasThen);
                if (nowCount < thenCount) return true;
                i++;
                k++;
            }
            else if (afterBound < beforeBound)
            {
                i++;
            }
            else
            {
                k++;
            }
        }

        return false;
    }

    private static double AddUpTo(
        int index, ReadOnlySpan<double> counts, ref BucketCursor cursor, ref bool hasBucket)
    {
        var sum = 0.0;
        while (hasBucket && cursor.Index <= index)
        {
            sum += counts[cursor.Position];
            hasBucket = cursor.MoveNext();
        }

        return sum;
    }
}
