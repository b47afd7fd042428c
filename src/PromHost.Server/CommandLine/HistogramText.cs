using System.Globalization;
using System.Text;
using PromHost.Model;

namespace PromHost.Server;

/// <summary>Native histograms as promtool dumps them: <c>{count:3, sum:1.5, (1,2]:3}</c>.</summary>
internal static class HistogramText
{
    /// <summary>Appends a histogram.</summary>
    public static void Append(StringBuilder text, NativeHistogram histogram)
    {
        text.Append("{count:");
        AppendCount(text, histogram, 0, histogram.Count);
        text.Append(", sum:").Append(GoFloat.FormatGeneral(histogram.Sum));
        foreach (var bucket in HistogramBucketWalk.Ascending(histogram, isCutAtZero: false))
        {
            if (bucket.Count == 0) continue;
            text.Append(", ").Append(bucket.IsLowerClosed ? '[' : '(').Append(GoFloat.FormatGeneral(bucket.Lower))
                .Append(',').Append(GoFloat.FormatGeneral(bucket.Upper)).Append(bucket.IsUpperClosed ? ']' : ')')
                .Append(':');
            AppendCount(text, histogram, bucket.Ordinal, bucket.Count);
        }

        text.Append('}');
    }

    private static void AppendCount(StringBuilder text, NativeHistogram histogram, int ordinal, double count)
    {
        if (!histogram.IsInteger) text.Append(GoFloat.FormatGeneral(count));
        else if (!histogram.ExactCounts.IsEmpty) text.Append(Number(histogram.ExactCounts.Span[ordinal]));
        else text.Append(Number((ulong)count));
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
