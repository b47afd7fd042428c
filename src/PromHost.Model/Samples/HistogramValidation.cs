// Hot path: every ingested histogram is checked here.
namespace PromHost.Model;

/// <summary>
/// Says whether a native histogram makes sense (Prometheus <c>model/histogram</c>, <c>Validate</c>, of version 3.14).
/// A stale marker is valid as it is. Stateless; a valid histogram costs no allocation.
/// </summary>
public static class HistogramValidation
{
    private const int MinSchema = -4;
    private const int MaxSchema = 8;

    private const string InvalidSchema = "histogram has an invalid schema, which must be between -4 and 8 for "
        + "exponential buckets, or -53 for custom buckets";

    private const string NotIncreasing = "histogram custom bounds must be in strictly increasing order";
    private const string Infinite = "histogram custom bounds must be finite";
    private const string TooFewBounds = "histogram custom bounds are too few";
    private const string NegativeBucket = "histogram has a bucket whose observation count is negative";
    private const string OtherBuckets = "histogram spans specify different number of buckets than provided";
    private const string NegativeCount = "histogram's observation count is negative";
    private const string TooSmall = "histogram's observation count should be at least the number of observations "
        + "found in the buckets";

    private const string Mismatch = "histogram's observation count should equal the number of observations found in "
        + "the buckets (in absence of NaN)";

    /// <summary>Checks a histogram.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="fault">The first thing that is wrong.</param>
    public static bool IsValid(NativeHistogram histogram, out HistogramFault fault)
    {
        fault = histogram.Schema switch
        {
            NativeHistogram.CustomBucketsSchema => CheckCustom(histogram),
            >= MinSchema and <= MaxSchema => CheckExponential(histogram),
            _ => Fault(HistogramFaultKind.Schema, $"{InvalidSchema}, got schema {histogram.Schema}"),
        };
        if (fault.Kind == HistogramFaultKind.None) fault = CheckCounts(histogram);
        return fault.Kind == HistogramFaultKind.None;
    }

    private static HistogramFault CheckCustom(NativeHistogram histogram)
    {
        var fault = CheckBounds(histogram.CustomBounds.Span);
        if (fault.Kind == HistogramFaultKind.None) fault = CheckCustomSpans(histogram);
        if (fault.Kind != HistogramFaultKind.None) return fault with { Text = "custom buckets: " + fault.Text };
        var misplaced = histogram.ZeroCount != 0 ? "must have zero count of 0"
            : histogram.ZeroThreshold != 0 ? "must have zero threshold of 0"
            : !histogram.NegativeSpans.IsEmpty ? "must not have negative spans"
            : !histogram.NegativeCounts.IsEmpty ? "must not have negative buckets" : null;
        return misplaced is null ? default : Fault(HistogramFaultKind.CustomBounds, $"custom buckets: {misplaced}");
    }

    private static HistogramFault CheckBounds(ReadOnlySpan<double> bounds)
    {
        for (var i = 0; i < bounds.Length; i++)
        {
            if (double.IsNaN(bounds[i]))
                return Fault(HistogramFaultKind.CustomBounds, $"histogram custom bounds must not be NaN");
            if (i > 0 && bounds[i] <= bounds[i - 1])
            {
                return Fault(
                    HistogramFaultKind.CustomBounds,
                    $"previous bound is {bounds[i - 1]:F6} and current is {bounds[i]:F6}: {NotIncreasing}");
            }
        }

        return bounds is [.., double.PositiveInfinity]
            ? Fault(
                HistogramFaultKind.CustomBounds, $"last +Inf bound must not be explicitly defined: {Infinite}")
            : default;
    }

    private static HistogramFault CheckCustomSpans(NativeHistogram histogram)
    {
        var spans = histogram.PositiveSpans.Span;
        if (spans is [{ Offset: < 0 }, ..]) return NegativeOffset(1, spans[0].Offset);
        var fault = CheckSpans(spans, histogram.PositiveCounts.Length);
        if (fault.Kind != HistogramFaultKind.None) return fault;
        var width = 0L;
        foreach (var span in spans) width += span.Length + span.Offset;
        var bounds = histogram.CustomBounds.Length;
        if (bounds + 1 >= width) return default;
        var cover = Fault(
            HistogramFaultKind.CustomBounds,
            $"only {bounds} custom bounds defined which is insufficient to cover total span length of {width}");
        return cover with { Text = $"{cover.Text}: {TooFewBounds}" };
    }

    private static HistogramFault CheckExponential(NativeHistogram histogram)
    {
        var fault = Of("positive", CheckSpans(histogram.PositiveSpans.Span, histogram.PositiveCounts.Length));
        if (fault.Kind == HistogramFaultKind.None)
            fault = Of("negative", CheckSpans(histogram.NegativeSpans.Span, histogram.NegativeCounts.Length));
        if (fault.Kind == HistogramFaultKind.None)
            fault = Of("negative", CheckBuckets(histogram.NegativeCounts.Span));
        if (fault.Kind != HistogramFaultKind.None) return fault;
        if (histogram.ZeroCount < 0)
        {
            return Fault(
                HistogramFaultKind.NegativeCount,
                $"zero bucket has observation count of {Number(histogram.ZeroCount)}: {NegativeBucket}");
        }

        return histogram.CustomBounds.IsEmpty
            ? default
            : Fault(
                HistogramFaultKind.CustomBounds,
                $"histogram with exponential schema must not have custom bounds");
    }

    private static HistogramFault CheckSpans(ReadOnlySpan<HistogramSpan> spans, int buckets)
    {
        var needed = 0L;
        for (var i = 0; i < spans.Length; i++)
        {
            if (i > 0 && spans[i].Offset < 0) return NegativeOffset(i + 1, spans[i].Offset);
            needed += spans[i].Length;
        }

        return needed == buckets
            ? default
            : Fault(
                HistogramFaultKind.Spans,
                $"spans need {needed} buckets, have {buckets} buckets: {OtherBuckets}");
    }

    private static HistogramFault CheckBuckets(ReadOnlySpan<double> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] < 0)
            {
                return Fault(
                    HistogramFaultKind.NegativeCount,
                    $"bucket number {i + 1} has observation count of {Number(counts[i])}: {NegativeBucket}");
            }
        }

        return default;
    }

    private static HistogramFault CheckCounts(NativeHistogram histogram)
    {
        if (histogram.Count < 0)
        {
            return Fault(
                HistogramFaultKind.NegativeCount,
                $"observation count is  {Number(histogram.Count)}: {NegativeCount}");
        }

        var fault = Of("positive", CheckBuckets(histogram.PositiveCounts.Span));
        return fault.Kind != HistogramFaultKind.None || !histogram.IsInteger ? fault : CheckSum(histogram);
    }

    // Observed NaNs are counted, but in no bucket. Floats that do not add up are not looked for.
    private static HistogramFault CheckSum(NativeHistogram histogram)
    {
        var (count, buckets) = histogram.ExactCounts.IsEmpty ? Add(histogram) : Add(histogram.ExactCounts.Span);
        if (buckets == count || (double.IsNaN(histogram.Sum) && buckets < count)) return default;
        var rule = double.IsNaN(histogram.Sum) ? TooSmall : Mismatch;
        return Fault(
            HistogramFaultKind.Count,
            $"{buckets} observations found in buckets, but the Count field is {count}: {rule}");
    }

    private static (ulong Count, ulong Buckets) Add(NativeHistogram histogram)
    {
        var sum = (ulong)histogram.ZeroCount;
        foreach (var count in histogram.PositiveCounts.Span) sum += (ulong)count;
        foreach (var count in histogram.NegativeCounts.Span) sum += (ulong)count;
        return ((ulong)histogram.Count, sum);
    }

    private static (ulong Count, ulong Buckets) Add(ReadOnlySpan<ulong> counts)
    {
        var sum = 0UL;
        foreach (var count in counts[1..]) sum += count;
        return (counts[0], sum);
    }

    private static HistogramFault NegativeOffset(int number, int offset) => Fault(
        HistogramFaultKind.Spans,
        $"span number {number} with offset {offset}: histogram has a span whose offset is negative");

    private static HistogramFault Of(string side, HistogramFault fault) =>
        fault.Kind == HistogramFaultKind.None ? fault : fault with { Text = $"{side} side: {fault.Text}" };

    private static string Number(double value) => GoFloat.FormatGeneral(value);

    private static HistogramFault Fault(HistogramFaultKind kind, FormattableString text) =>
        new(kind, FormattableString.Invariant(text));
}
