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
        foreach (var bucket in HistogramBucketWalk.Ascending(histogram))
        {
            if (bucket.Count == 0) continue;
            json.Raw(any ? ",["u8 : ",\"buckets\":[["u8);
            any = true;
            json.Integer(BoundariesOf(bucket));
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

    private static int BoundariesOf(in HistogramBucket bucket) => (bucket.IsLowerClosed, bucket.IsUpperClosed) switch
    {
        (true, true) => ClosedBoth,
        (true, false) => OpenRight,
        (false, true) => OpenLeft,
        _ => OpenBoth,
    };
}
