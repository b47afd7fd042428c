using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// The layout that a histogram chunk begins with (Prometheus <c>tsdb/chunkenc/histogram_meta.go</c>): zero threshold,
/// schema, spans, and the bounds of custom buckets.
/// </summary>
internal static class HistogramLayoutBits
{
    // One byte stands for the threshold: 0 for 0, 1 to 254 for powers of two, 255 says that eight bytes follow.
    private const int OtherThreshold = 255;
    private const int ThresholdBias = 244;

    // Multiples of 0.001 up to here are written as an integer that is no longer than four bytes.
    private const double MaxThousandths = 33_554_430;

    private const int MinSchema = -9;
    private const int MaxSchema = 52;

    /// <summary>Is the schema one that chunks may have? Some of them are reserved for future versions.</summary>
    public static bool IsKnownSchema(int schema) =>
        schema is (>= MinSchema and <= MaxSchema) or NativeHistogram.CustomBucketsSchema;

    /// <summary>Writes the layout of a histogram.</summary>
    public static void Write(ref ChunkBitWriter writer, RawHistogram histogram)
    {
        WriteThreshold(ref writer, histogram.ZeroThreshold);
        writer.WriteVarbit(histogram.Schema);
        WriteSpans(ref writer, histogram.PositiveSpans);
        WriteSpans(ref writer, histogram.NegativeSpans);
        if (!histogram.HasCustomBuckets) return;
        writer.WriteVarbitUnsigned((ulong)histogram.CustomBounds.Length);
        foreach (var bound in histogram.CustomBounds) WriteBound(ref writer, bound);
    }

    /// <summary>Reads the layout into a histogram and makes room for its buckets.</summary>
    /// <returns>False when there is none, or one that claims more than the chunk can hold.</returns>
    public static bool TryRead(ref BitReader reader, RawHistogram histogram)
    {
        var threshold = (int)reader.Read(8);
        histogram.ZeroThreshold = threshold switch
        {
            0 => 0,
            OtherThreshold => BitConverter.UInt64BitsToDouble(reader.Read64()),
            _ => Math.ScaleB(1, threshold - ThresholdBias),
        };
        histogram.Schema = (int)Varbit.Read(ref reader);
        if (!IsKnownSchema(histogram.Schema)) return false;

        // Spans take two bits at least: with fewer left, the number is a lie.
        var start = reader;
        if (!TryReadSpans(ref reader, [], out var positive, out var positiveBuckets)
            || !TryReadSpans(ref reader, [], out var negative, out var negativeBuckets))
            return false;
        // Every bucket takes a bit.
        if (positiveBuckets + negativeBuckets > reader.RemainingBits) return false;
        histogram.SetSpanCounts(positive, negative);
        TryReadSpans(ref start, histogram.PositiveSpans, out _, out _);
        TryReadSpans(ref start, histogram.NegativeSpans, out _, out _);
        histogram.SetBucketCounts((int)positiveBuckets, (int)negativeBuckets);
        histogram.SetBoundCount(0);
        return !histogram.HasCustomBuckets || TryReadBounds(ref reader, histogram);
    }

    private static void WriteThreshold(ref ChunkBitWriter writer, double threshold)
    {
        if (threshold == 0)
        {
            writer.Write(0, 8);
            return;
        }

        // A power of two: no sign, no mantissa.
        var bits = BitConverter.DoubleToUInt64Bits(threshold);
        var code = (int)(bits >> 52) - 1023 + ThresholdBias;
        if ((bits & 0x800F_FFFF_FFFF_FFFF) == 0 && code is >= 1 and < OtherThreshold)
        {
            writer.Write((ulong)code, 8);
            return;
        }

        writer.Write(OtherThreshold, 8);
        writer.Write64(bits);
    }

    private static void WriteSpans(ref ChunkBitWriter writer, ReadOnlySpan<HistogramSpan> spans)
    {
        writer.WriteVarbitUnsigned((ulong)spans.Length);
        foreach (var span in spans)
        {
            writer.WriteVarbitUnsigned(span.Length);
            writer.WriteVarbit(span.Offset);
        }
    }

    // With an empty target the spans are only counted.
    private static bool TryReadSpans(
        ref BitReader reader, Span<HistogramSpan> target, out int count, out long buckets)
    {
        buckets = 0;
        var claimed = Varbit.ReadUnsigned(ref reader);
        count = (int)claimed;
        if (claimed > (ulong)Math.Max(0, reader.RemainingBits / 2)) return false;
        for (var i = 0; i < count; i++)
        {
            var length = (uint)Varbit.ReadUnsigned(ref reader);
            var offset = (int)Varbit.Read(ref reader);
            if (!target.IsEmpty) target[i] = new HistogramSpan(offset, length);
            buckets += length;
        }

        return !reader.IsPastEnd;
    }

    private static bool TryReadBounds(ref BitReader reader, RawHistogram histogram)
    {
        var claimed = Varbit.ReadUnsigned(ref reader);
        if (claimed > (ulong)Math.Max(0, reader.RemainingBits)) return false;
        histogram.SetBoundCount((int)claimed);
        foreach (ref var bound in histogram.CustomBounds) bound = ReadBound(ref reader);
        return !reader.IsPastEnd;
    }

    // 0 says that the bits of the bound follow.
    private static void WriteBound(ref ChunkBitWriter writer, double bound)
    {
        var thousandths = bound * 1000;
        var whole = (ulong)Math.Round(thousandths, MidpointRounding.AwayFromZero);
        if (thousandths >= 0 && thousandths <= MaxThousandths && whole / 1000.0 == bound)
        {
            writer.WriteVarbitUnsigned(whole + 1);
            return;
        }

        writer.Write(0, 1);
        writer.Write64(BitConverter.DoubleToUInt64Bits(bound));
    }

    private static double ReadBound(ref BitReader reader)
    {
        var code = Varbit.ReadUnsigned(ref reader);
        return code == 0 ? BitConverter.UInt64BitsToDouble(reader.Read64()) : (code - 1) / 1000.0;
    }
}
