using PromHost.Model;

namespace PromHost.Api;

/// <summary>
/// Writes a native histogram: count, sum and the buckets that are not empty, each as
/// <c>[boundaries, lower, upper, count]</c> with boundaries 0 open left, 1 open right, 2 open both, 3 closed both.
/// </summary>
internal static class HistogramJson
{
    private const int OpenLeft = 0, OpenRight = 1, OpenBoth = 2, ClosedBoth = 3;

    /// <summary>Writes one histogram.</summary>
    public static void Write(ref JsonBuffer json, NativeHistogram histogram)
    {
        json.Raw("{\"count\":"u8);
        json.QuotedFloat(histogram.Count);
        json.Raw(",\"sum\":"u8);
        json.QuotedFloat(histogram.Sum);
        var any = false;
        foreach (var bucket in Buckets(histogram))
        {
            if (bucket.Count == 0) continue;
            json.Raw(any ? ",["u8 : ",\"buckets\":[["u8);
            any = true;
            json.Integer(bucket.Boundaries);
            json.Raw((byte)',');
            json.QuotedFloat(bucket.Lower);
            json.Raw((byte)',');
            json.QuotedFloat(bucket.Upper);
            json.Raw((byte)',');
            json.QuotedFloat(bucket.Count);
            json.Raw((byte)']');
        }

        json.Raw(any ? "]}"u8 : "}"u8);
    }

    private static IEnumerable<Bucket> Buckets(NativeHistogram histogram)
    {
        var threshold = histogram.ZeroThreshold;
        var negative = Enumerable.Reverse(Indexed(histogram.NegativeSpans, histogram.NegativeCounts));
        foreach (var (index, count) in negative)
        {
            var upper = -BoundOf(histogram, index - 1);
            if (upper < 0 && upper > -threshold) upper = -threshold;
            yield return new Bucket(OpenRight, -BoundOf(histogram, index), upper, count);
        }

        if (histogram.ZeroCount > 0)
            yield return new Bucket(ClosedBoth, -threshold, threshold, histogram.ZeroCount);
        foreach (var (index, count) in Indexed(histogram.PositiveSpans, histogram.PositiveCounts))
        {
            var lower = BoundOf(histogram, index - 1);
            var upper = BoundOf(histogram, index);
            if (lower > 0 && lower < threshold) lower = threshold;
            yield return new Bucket(BoundariesOf(histogram, index, lower, upper), lower, upper, count);
        }
    }

    private static int BoundariesOf(NativeHistogram histogram, int index, double lower, double upper)
    {
        if (histogram.Schema == NativeHistogram.CustomBucketsSchema) return index == 0 ? ClosedBoth : OpenLeft;
        return (lower < 0, upper > 0) switch
        {
            (true, true) => ClosedBoth,
            (true, false) => OpenRight,
            (false, true) => OpenLeft,
            _ => OpenBoth,
        };
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
        var fraction = Math.Pow(2, (double)(index & (perPower - 1)) / perPower);
        return Math.ScaleB(fraction, power);
    }

    private readonly record struct Bucket(int Boundaries, double Lower, double Upper, double Count);
}
