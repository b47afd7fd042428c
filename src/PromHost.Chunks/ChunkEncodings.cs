using System.Buffers.Binary;

namespace PromHost.Chunks;

/// <summary>What is to be known of an encoding by its byte. Nothing is known of one that is not in the list.</summary>
public static class ChunkEncodings
{
    /// <summary>Can chunks of this encoding be read here?</summary>
    public static bool IsKnown(byte encoding) =>
        encoding is >= ChunkEncoding.Xor and <= ChunkEncoding.FloatHistogramSt;

    /// <summary>Does it hold float samples?</summary>
    public static bool IsFloat(byte encoding) => encoding is ChunkEncoding.Xor or ChunkEncoding.Xor2;

    /// <summary>Does it hold native histograms?</summary>
    public static bool IsHistogram(byte encoding) => encoding is ChunkEncoding.Histogram
        or ChunkEncoding.FloatHistogram or ChunkEncoding.HistogramSt or ChunkEncoding.FloatHistogramSt;

    /// <summary>Does it hold native histograms with integer counts?</summary>
    public static bool IsIntegerHistogram(byte encoding) =>
        encoding is ChunkEncoding.Histogram or ChunkEncoding.HistogramSt;

    /// <summary>Can it hold start timestamps? Then Prometheus before 3.14 cannot read it.</summary>
    public static bool HasStartTimestamps(byte encoding) =>
        encoding is >= ChunkEncoding.Xor2 and <= ChunkEncoding.FloatHistogramSt;

    /// <summary>Reads the number of samples that a chunk claims; false when it is none of a known encoding.</summary>
    /// <param name="encoding">The encoding, without the out-of-order mask.</param>
    /// <param name="chunk">The chunk's data.</param>
    /// <param name="count">The number.</param>
    public static bool TryReadCount(byte encoding, ReadOnlySpan<byte> chunk, out int count)
    {
        count = 0;
        if (!IsKnown(encoding)) return false;
        if (IsHistogram(encoding))
        {
            if (chunk.Length < HistogramChunkHeader.SizeBytes) return false;
            count = HistogramChunkHeader.ReadCount(chunk, HasStartTimestamps(encoding));
            return true;
        }

        if (!BinaryPrimitives.TryReadUInt16BigEndian(chunk, out var number)) return false;
        count = number;
        return true;
    }

    /// <summary>Writes the number of samples: for a copy of the first ones of a chunk that grows.</summary>
    /// <param name="encoding">The encoding.</param>
    /// <param name="chunk">The copy.</param>
    /// <param name="count">The number.</param>
    public static void WriteCount(byte encoding, Span<byte> chunk, int count)
    {
        if (IsHistogram(encoding)) HistogramChunkHeader.WriteCount(chunk, count, HasStartTimestamps(encoding));
        else BinaryPrimitives.WriteUInt16BigEndian(chunk, (ushort)count);
    }
}
