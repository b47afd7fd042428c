using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>Native histograms in the notation of test scripts: <c>{{count:3 sum:4 buckets:[1 2]}}</c>.</summary>
internal static class HistogramNotation
{
    /// <summary>Reads one histogram.</summary>
    public static NativeHistogram Read(string text) =>
        Parser.ParseSeriesDescription("m " + text).Values[0].Histogram!.ToHistogram();

    /// <summary>The histogram of a literal.</summary>
    public static NativeHistogram ToHistogram(this HistogramLiteral literal) => new()
    {
        Schema = literal.Schema,
        Count = literal.Count,
        Sum = literal.Sum,
        ZeroCount = literal.ZeroCount,
        ZeroThreshold = literal.ZeroThreshold,
        CounterResetHint = literal.ResetHint ?? CounterResetHint.Unknown,
        PositiveSpans = Spans(literal.PositiveOffset, literal.PositiveBuckets),
        PositiveCounts = literal.PositiveBuckets.ToArray(),
        NegativeSpans = Spans(literal.NegativeOffset, literal.NegativeBuckets),
        NegativeCounts = literal.NegativeBuckets.ToArray(),
        CustomBounds = literal.CustomValues.ToArray(),
    };

    /// <summary>Writes a histogram; gaps between spans become empty buckets.</summary>
    public static string Write(NativeHistogram histogram) => new HistogramLiteral
    {
        Schema = histogram.Schema,
        Count = histogram.Count,
        Sum = histogram.Sum,
        ZeroCount = histogram.ZeroCount,
        ZeroThreshold = histogram.ZeroThreshold,
        ResetHint = histogram.CounterResetHint,
        PositiveOffset = histogram.PositiveSpans.IsEmpty ? 0 : histogram.PositiveSpans.Span[0].Offset,
        PositiveBuckets = Buckets(histogram.PositiveSpans.Span, histogram.PositiveCounts.Span),
        NegativeOffset = histogram.NegativeSpans.IsEmpty ? 0 : histogram.NegativeSpans.Span[0].Offset,
        NegativeBuckets = Buckets(histogram.NegativeSpans.Span, histogram.NegativeCounts.Span),
        CustomValues = histogram.CustomBounds.ToArray(),
    }.ToString();

    private static HistogramSpan[] Spans(int offset, IReadOnlyList<double> counts) =>
        counts.Count == 0 ? [] : [new HistogramSpan(offset, (uint)counts.Count)];

    private static List<double> Buckets(ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts)
    {
        var buckets = new List<double>();
        foreach (var span in spans)
        {
            for (var i = 0; buckets.Count > 0 && i < span.Offset; i++) buckets.Add(0);
            buckets.AddRange(counts[..(int)span.Length]);
            counts = counts[(int)span.Length..];
        }

        return buckets;
    }
}
