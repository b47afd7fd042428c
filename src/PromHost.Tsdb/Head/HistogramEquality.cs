using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Says whether two native histograms are one sample, offered twice. A stored one may have got empty buckets when its
/// chunk was encoded anew, so buckets without observations do not count.
/// </summary>
internal static class HistogramEquality
{
    /// <summary>Have they equal bits, but for empty buckets?</summary>
    public static bool AreSame(NativeHistogram left, NativeHistogram right) =>
        left.IsInteger == right.IsInteger
        && HaveSameBits(left.Sum, right.Sum)
        && HaveSameBits(left.Count, right.Count)
        && left.Schema == right.Schema
        && left.ZeroThreshold.Equals(right.ZeroThreshold)
        && HaveSameBits(left.ZeroCount, right.ZeroCount)
        && left.CustomBounds.Span.SequenceEqual(right.CustomBounds.Span)
        && HaveSameBuckets(left.PositiveSpans, left.PositiveCounts, right.PositiveSpans, right.PositiveCounts)
        && HaveSameBuckets(left.NegativeSpans, left.NegativeCounts, right.NegativeSpans, right.NegativeCounts)
        && HaveSameExactCounts(left, right);

    private static bool HaveSameBits(double left, double right) =>
        BitConverter.DoubleToUInt64Bits(left) == BitConverter.DoubleToUInt64Bits(right);

    private static bool HaveSameBuckets(
        ReadOnlyMemory<HistogramSpan> leftSpans,
        ReadOnlyMemory<double> leftCounts,
        ReadOnlyMemory<HistogramSpan> rightSpans,
        ReadOnlyMemory<double> rightCounts)
    {
        var left = new Walk(leftSpans.Span, leftCounts.Span);
        var right = new Walk(rightSpans.Span, rightCounts.Span);
        while (true)
        {
            var hasLeft = left.MoveNext();
            if (hasLeft != right.MoveNext()) return false;
            if (!hasLeft) return true;
            if (left.Index != right.Index || !HaveSameBits(left.Count, right.Count)) return false;
        }
    }

    // Where doubles do not hold the counts. The layouts may differ, but what is in them is the same by now.
    private static bool HaveSameExactCounts(NativeHistogram left, NativeHistogram right)
    {
        if (left.ExactCounts.IsEmpty || right.ExactCounts.IsEmpty)
            return left.ExactCounts.IsEmpty && right.ExactCounts.IsEmpty;
        var (i, k) = (2, 2);
        var leftCounts = left.ExactCounts.Span;
        var rightCounts = right.ExactCounts.Span;
        if (!leftCounts[..2].SequenceEqual(rightCounts[..2])) return false;
        while (true)
        {
            while (i < leftCounts.Length && leftCounts[i] == 0) i++;
            while (k < rightCounts.Length && rightCounts[k] == 0) k++;
            if (i == leftCounts.Length || k == rightCounts.Length)
                return i == leftCounts.Length && k == rightCounts.Length;
            if (leftCounts[i++] != rightCounts[k++]) return false;
        }
    }

    // Goes over the buckets with observations.
    private ref struct Walk(ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts)
    {
        private readonly ReadOnlySpan<HistogramSpan> _spans = spans;
        private readonly ReadOnlySpan<double> _counts = counts;
        private int _span;
        private uint _inSpan;
        private int _next;
        private long _index;

        public long Index { get; private set; }

        public double Count { get; private set; }

        public bool MoveNext()
        {
            while (_span < _spans.Length)
            {
                if (_inSpan == 0) _index += _spans[_span].Offset;
                if (_inSpan == _spans[_span].Length || _next == _counts.Length)
                {
                    _span++;
                    _inSpan = 0;
                    continue;
                }

                _inSpan++;
                Index = _index++;
                Count = _counts[_next++];
                if (Count != 0) return true;
            }

            return false;
        }
    }
}
