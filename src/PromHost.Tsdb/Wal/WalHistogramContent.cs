// Hot path: every histogram that is logged or replayed passes here.
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// One native histogram in the log, without series and time (<c>docs/formats/wal.md</c>). Stateless; any bytes are
/// safe.
/// </summary>
internal static class WalHistogramContent
{
    private const int MaxSchema = 8;
    private const int MinSchema = -9;
    private const int MaxReservedSchema = 52;

    /// <summary>Writes a histogram.</summary>
    public static void Write(RawHistogram histogram, ByteWriter writer)
    {
        writer.WriteByte((byte)histogram.CounterResetHint);
        writer.WriteVarint(histogram.Schema);
        writer.WriteDouble(histogram.ZeroThreshold);
        WriteWord(histogram.IsInteger, histogram.ZeroCountWord, writer);
        WriteWord(histogram.IsInteger, histogram.CountWord, writer);
        writer.WriteDouble(histogram.Sum);
        WriteSpans(histogram.PositiveSpans, writer);
        WriteSpans(histogram.NegativeSpans, writer);
        WriteBuckets(histogram.IsInteger, histogram.PositiveBuckets, writer);
        WriteBuckets(histogram.IsInteger, histogram.NegativeBuckets, writer);
        if (!histogram.HasCustomBuckets) return;
        writer.WriteUvarint((ulong)histogram.CustomBounds.Length);
        foreach (var bound in histogram.CustomBounds) writer.WriteDouble(bound);
    }

    /// <summary>Reads a histogram.</summary>
    /// <param name="content">All of its bytes.</param>
    /// <param name="isInteger">Are its counts integers?</param>
    /// <param name="histogram">Receives it; of a schema of the future, neighbouring buckets are merged.</param>
    /// <returns>False when it is none, has other buckets than its spans say, or an unknown schema.</returns>
    public static bool TryRead(ReadOnlySpan<byte> content, bool isInteger, RawHistogram histogram)
    {
        var reader = new ByteReader(content);
        histogram.IsInteger = isInteger;
        if (!TryReadHead(ref reader, histogram)
            || !TryReadSpans(ref reader, out var positiveSpans, out var positiveCount)
            || !TryReadSpans(ref reader, out var negativeSpans, out var negativeCount))
            return false;
        if (!TryReadBuckets(ref reader, isInteger, positiveCount, out var positiveBuckets)
            || !TryReadBuckets(ref reader, isInteger, negativeCount, out var negativeBuckets))
            return false;
        histogram.SetSpanCounts(positiveSpans.Count, negativeSpans.Count);
        positiveSpans.CopyTo(histogram.PositiveSpans);
        negativeSpans.CopyTo(histogram.NegativeSpans);
        histogram.SetBucketCounts(positiveBuckets.Count, negativeBuckets.Count);
        positiveBuckets.CopyTo(isInteger, histogram.PositiveBuckets);
        negativeBuckets.CopyTo(isInteger, histogram.NegativeBuckets);
        if (!TryReadBounds(ref reader, histogram) || !reader.IsAtEnd) return false;
        if (histogram.Schema is > MaxSchema and <= MaxReservedSchema) Reduce(histogram);
        return histogram.HasCustomBuckets || histogram.Schema is >= MinSchema and <= MaxSchema;
    }

    private static void WriteWord(bool isInteger, ulong word, ByteWriter writer)
    {
        if (isInteger) writer.WriteUvarint(word);
        else writer.WriteUInt64(word);
    }

    private static void WriteSpans(ReadOnlySpan<HistogramSpan> spans, ByteWriter writer)
    {
        writer.WriteUvarint((ulong)spans.Length);
        foreach (var span in spans)
        {
            writer.WriteVarint(span.Offset);
            writer.WriteUvarint(span.Length);
        }
    }

    // Of integers the differences from bucket to bucket.
    private static void WriteBuckets(bool isInteger, ReadOnlySpan<ulong> buckets, ByteWriter writer)
    {
        writer.WriteUvarint((ulong)buckets.Length);
        var previous = 0UL;
        foreach (var bucket in buckets)
        {
            if (isInteger) writer.WriteVarint((long)(bucket - previous));
            else writer.WriteUInt64(bucket);
            previous = bucket;
        }
    }

    private static bool TryReadHead(ref ByteReader reader, RawHistogram histogram)
    {
        if (!reader.TryReadByte(out var hint)
            || !reader.TryReadVarint(out var schema)
            || !reader.TryReadDouble(out var threshold))
            return false;
        var hasCounts = histogram.IsInteger
            ? reader.TryReadUvarint(out var zeroCount) & reader.TryReadUvarint(out var count)
            : reader.TryReadUInt64(out zeroCount) & reader.TryReadUInt64(out count);
        if (!hasCounts || !reader.TryReadDouble(out var sum)) return false;
        histogram.CounterResetHint =
            hint <= (byte)CounterResetHint.Gauge ? (CounterResetHint)hint : CounterResetHint.Unknown;
        histogram.Schema = (int)schema;
        histogram.ZeroThreshold = threshold;
        histogram.ZeroCountWord = zeroCount;
        histogram.CountWord = count;
        histogram.Sum = sum;
        return true;
    }

    private static bool TryReadSpans(ref ByteReader reader, out Spans spans, out long buckets)
    {
        buckets = 0;
        spans = default;
        if (!reader.TryReadUvarint32(out var count)) return false;
        spans = new Spans(reader, count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadVarint(out _) || !reader.TryReadUvarint(out var length)) return false;
            buckets += (uint)length;
        }

        return true;
    }

    private static bool TryReadBuckets(ref ByteReader reader, bool isInteger, long expected, out Buckets buckets)
    {
        buckets = default;
        if (!reader.TryReadUvarint32(out var count) || count != expected) return false;
        buckets = new Buckets(reader, count);
        if (!isInteger) return count <= reader.Remaining / sizeof(double) && reader.TrySkip(count * sizeof(double));
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadVarint(out _)) return false;
        }

        return true;
    }

    private static bool TryReadBounds(ref ByteReader reader, RawHistogram histogram)
    {
        histogram.SetBoundCount(0);
        if (!histogram.HasCustomBuckets) return true;
        if (!reader.TryReadUvarint32(out var count) || count > reader.Remaining / sizeof(double)) return false;
        histogram.SetBoundCount(count);
        foreach (ref var bound in histogram.CustomBounds) reader.TryReadDouble(out bound);
        return true;
    }

    private static void Reduce(RawHistogram histogram)
    {
        var whole = new RawHistogram();
        whole.Set(histogram);
        histogram.SetReduced(whole, MaxSchema);
    }

    // Where the spans begin, which were seen to be complete.
    private readonly ref struct Spans(ByteReader start, int count)
    {
        private readonly ByteReader _start = start;

        public int Count => count;

        public void CopyTo(Span<HistogramSpan> target)
        {
            var reader = _start;
            foreach (ref var span in target)
            {
                reader.TryReadVarint(out var offset);
                reader.TryReadUvarint(out var length);
                span = new HistogramSpan((int)offset, (uint)length);
            }
        }
    }

    // Where the buckets begin, which were seen to be complete.
    private readonly ref struct Buckets(ByteReader start, int count)
    {
        private readonly ByteReader _start = start;

        public int Count => count;

        public void CopyTo(bool isInteger, Span<ulong> target)
        {
            var reader = _start;
            var previous = 0UL;
            foreach (ref var bucket in target)
            {
                if (isInteger)
                {
                    reader.TryReadVarint(out var difference);
                    previous += (ulong)difference;
                    bucket = previous;
                }
                else
                {
                    reader.TryReadUInt64(out bucket);
                }
            }
        }
    }
}
