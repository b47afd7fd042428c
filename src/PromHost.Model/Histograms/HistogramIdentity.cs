using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>
/// Says whether two native histograms are equal as PromQL's <c>==</c> and <c>changes</c> see it (Prometheus 3.14,
/// <c>FloatHistogram.Equals</c>): count, sum and all counts have the same bits, schema, zero bucket and layout are the
/// same, empty buckets included, and so are the bounds of custom buckets. Hints do not matter. Stateless.
/// </summary>
public static class HistogramIdentity
{
    /// <summary>Are they equal?</summary>
    public static bool AreEqual(NativeHistogram left, NativeHistogram right) =>
        left.Schema == right.Schema
        && HaveSameBits(left.Count, right.Count)
        && HaveSameBits(left.Sum, right.Sum)
        && (left.Schema != NativeHistogram.CustomBucketsSchema
            || CustomBoundsUnion.AreEqual(left.CustomBounds.Span, right.CustomBounds.Span))
        && left.ZeroThreshold == right.ZeroThreshold
        && HaveSameBits(left.ZeroCount, right.ZeroCount)
        && HaveSameSpans(left.NegativeSpans.Span, right.NegativeSpans.Span)
        && HaveSameBits(left.NegativeCounts.Span, right.NegativeCounts.Span)
        && HaveSameSpans(left.PositiveSpans.Span, right.PositiveSpans.Span)
        && HaveSameBits(left.PositiveCounts.Span, right.PositiveCounts.Span);

    private static bool HaveSameBits(double left, double right) =>
        BitConverter.DoubleToInt64Bits(left) == BitConverter.DoubleToInt64Bits(right);

    private static bool HaveSameBits(ReadOnlySpan<double> left, ReadOnlySpan<double> right) =>
        MemoryMarshal.AsBytes(left).SequenceEqual(MemoryMarshal.AsBytes(right));

    // Spans without buckets are a part of the gap before the next one.
    private static bool HaveSameSpans(ReadOnlySpan<HistogramSpan> left, ReadOnlySpan<HistogramSpan> right)
    {
        if (left == right) return true;
        while (true)
        {
            var hasLeft = TryTake(ref left, out var ours);
            var hasRight = TryTake(ref right, out var theirs);
            if (hasLeft != hasRight) return false;
            if (!hasLeft) return true;
            if (ours != theirs) return false;
        }
    }

    private static bool TryTake(ref ReadOnlySpan<HistogramSpan> spans, out HistogramSpan next)
    {
        var offset = 0;
        while (!spans.IsEmpty)
        {
            offset += spans[0].Offset;
            next = spans[0] with { Offset = offset };
            spans = spans[1..];
            if (next.Length > 0) return true;
        }

        next = default;
        return false;
    }
}
