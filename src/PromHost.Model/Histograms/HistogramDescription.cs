using System.Globalization;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// Native histograms as Prometheus shows them to people, and as <c>count_values</c> puts them into a label:
/// <c>{count:3, sum:1.5, (1,2]:3}</c>. Empty buckets are left out. Stateless.
/// </summary>
public static class HistogramDescription
{
    /// <summary>A histogram whose counts are floats.</summary>
    public static string Write(NativeHistogram histogram)
    {
        var text = new StringBuilder();
        Append(text, histogram, isExact: false);
        return text.ToString();
    }

    /// <summary>Appends a histogram; counts that are integers are written with all their digits.</summary>
    public static void Append(StringBuilder text, NativeHistogram histogram) =>
        Append(text, histogram, isExact: histogram.IsInteger);

    private static void Append(StringBuilder text, NativeHistogram histogram, bool isExact)
    {
        text.Append("{count:");
        AppendCount(text, histogram, 0, histogram.Count, isExact);
        text.Append(", sum:").Append(GoFloat.FormatGeneral(histogram.Sum));
        // A zero bucket with a negative count, which a subtraction can leave, is no bucket of the walk.
        var hasOddZero = histogram.ZeroCount != 0 && !(histogram.ZeroCount > 0);
        foreach (var bucket in HistogramBucketWalk.Ascending(histogram, isCutAtZero: false))
        {
            if (hasOddZero && bucket.Lower >= 0)
            {
                AppendBucket(text, histogram, ZeroBucket(histogram), isExact);
                hasOddZero = false;
            }

            if (bucket.Count != 0) AppendBucket(text, histogram, bucket, isExact);
        }

        if (hasOddZero) AppendBucket(text, histogram, ZeroBucket(histogram), isExact);
        text.Append('}');
    }

    private static HistogramBucket ZeroBucket(NativeHistogram histogram) => new(
        -histogram.ZeroThreshold, histogram.ZeroThreshold, IsLowerClosed: true, IsUpperClosed: true,
        histogram.ZeroCount, Ordinal: 1);

    private static void AppendBucket(
        StringBuilder text, NativeHistogram histogram, in HistogramBucket bucket, bool isExact)
    {
        text.Append(", ").Append(bucket.IsLowerClosed ? '[' : '(').Append(GoFloat.FormatGeneral(bucket.Lower))
            .Append(',').Append(GoFloat.FormatGeneral(bucket.Upper)).Append(bucket.IsUpperClosed ? ']' : ')')
            .Append(':');
        AppendCount(text, histogram, bucket.Ordinal, bucket.Count, isExact);
    }

    private static void AppendCount(
        StringBuilder text, NativeHistogram histogram, int ordinal, double count, bool isExact)
    {
        if (!isExact) text.Append(GoFloat.FormatGeneral(count));
        else if (!histogram.ExactCounts.IsEmpty) text.Append(Number(histogram.ExactCounts.Span[ordinal]));
        else text.Append(Number((ulong)count));
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
