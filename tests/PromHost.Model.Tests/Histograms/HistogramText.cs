using System.Globalization;
using System.Text;

namespace PromHost.Model.Tests;

/// <summary>
/// Short texts for histograms: <c>0: 1 2 | 5: 3</c> is a side with two spans, the first with the buckets 0 and 1, the
/// second with the bucket 5. A written histogram reads <c>schema count sum z zero@threshold + side - side hint</c>.
/// </summary>
internal static class HistogramText
{
    public static NativeHistogram Exponential(
        string positive = "", string negative = "", int schema = 0, double count = 0, double sum = 0, double zero = 0,
        double threshold = 0, CounterResetHint hint = CounterResetHint.Unknown)
    {
        var (positiveSpans, positiveCounts) = Parse(positive);
        var (negativeSpans, negativeCounts) = Parse(negative);
        return new NativeHistogram
        {
            Schema = schema,
            Count = count,
            Sum = sum,
            ZeroCount = zero,
            ZeroThreshold = threshold,
            CounterResetHint = hint,
            PositiveSpans = positiveSpans,
            PositiveCounts = positiveCounts,
            NegativeSpans = negativeSpans,
            NegativeCounts = negativeCounts,
        };
    }

    public static NativeHistogram Custom(double[] bounds, string buckets, double count = 0, double sum = 0)
    {
        var (spans, counts) = Parse(buckets);
        return new NativeHistogram
        {
            Schema = NativeHistogram.CustomBucketsSchema,
            Count = count,
            Sum = sum,
            PositiveSpans = spans,
            PositiveCounts = counts,
            CustomBounds = bounds,
        };
    }

    public static string Positive(NativeHistogram histogram) =>
        Write(histogram.PositiveSpans.Span, histogram.PositiveCounts.Span);

    public static string Negative(NativeHistogram histogram) =>
        Write(histogram.NegativeSpans.Span, histogram.NegativeCounts.Span);

    private static (HistogramSpan[] Spans, double[] Counts) Parse(string side)
    {
        var spans = new List<HistogramSpan>();
        var counts = new List<double>();
        var end = 0;
        foreach (var part in side.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            var start = int.Parse(part[..colon], CultureInfo.InvariantCulture);
            var numbers = part[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            spans.Add(new HistogramSpan(start - end, (uint)numbers.Length));
            counts.AddRange(numbers.Select(number => double.Parse(number, CultureInfo.InvariantCulture)));
            end = start + numbers.Length;
        }

        return ([.. spans], [.. counts]);
    }

    private static string Write(ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts)
    {
        var text = new StringBuilder();
        var index = 0;
        var next = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            text.Append(text.Length == 0 ? "" : " | ").Append(CultureInfo.InvariantCulture, $"{index}:");
            for (var i = 0; i < span.Length; i++)
                text.Append(' ').Append(counts[next++].ToString("R", CultureInfo.InvariantCulture));
            index += (int)span.Length;
        }

        next.Should().Be(counts.Length);
        return text.ToString();
    }
}
