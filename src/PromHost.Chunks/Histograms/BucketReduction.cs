using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// Lowers the resolution of one side of a histogram: the bucket with index i of schema s becomes a part of the bucket
/// ceil(i / 2^n) of schema s - n.
/// </summary>
internal static class BucketReduction
{
    /// <summary>Merges buckets.</summary>
    /// <param name="source">Says what the words are.</param>
    /// <param name="spans">The layout.</param>
    /// <param name="buckets">The counts, as many as the spans say.</param>
    /// <param name="shift">How many schemas lower; 1 to 62.</param>
    /// <param name="targetSpans">Receives the spans; as long as <paramref name="buckets"/>.</param>
    /// <param name="targetBuckets">Receives the counts; as long as <paramref name="buckets"/>.</param>
    /// <returns>How many spans and buckets there are now.</returns>
    public static (int Spans, int Buckets) Run(
        RawHistogram source, ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<ulong> buckets, int shift,
        Span<HistogramSpan> targetSpans, Span<ulong> targetBuckets)
    {
        var spanCount = 0;
        var bucketCount = 0;
        var next = 0;
        var index = 0L;
        var last = 0L;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0u; i < span.Length; i++, index++)
            {
                var target = ((index - 1) >> shift) + 1;
                var word = buckets[next++];
                if (bucketCount > 0 && target == last)
                {
                    targetBuckets[bucketCount - 1] = Add(source.IsInteger, targetBuckets[bucketCount - 1], word);
                    continue;
                }

                if (bucketCount > 0 && target == last + 1)
                {
                    ref var open = ref targetSpans[spanCount - 1];
                    open = open with { Length = open.Length + 1 };
                }
                else
                {
                    var offset = bucketCount == 0 ? target : target - last - 1;
                    targetSpans[spanCount++] = new HistogramSpan((int)offset, 1);
                }

                targetBuckets[bucketCount++] = word;
                last = target;
            }
        }

        return (spanCount, bucketCount);
    }

    private static ulong Add(bool isInteger, ulong left, ulong right) => isInteger
        ? left + right
        : BitConverter.DoubleToUInt64Bits(
            BitConverter.UInt64BitsToDouble(left) + BitConverter.UInt64BitsToDouble(right));
}
