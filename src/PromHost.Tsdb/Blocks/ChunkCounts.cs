using System.Buffers.Binary;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>How many samples a chunk holds, by its first two bytes: all encodings begin so.</summary>
internal static class ChunkCounts
{
    // Histograms with start timestamps keep the counter reset in the highest two bits.
    private const byte HistogramSt = 5;
    private const byte FloatHistogramSt = 6;
    private const int CountMask = 0x3FFF;

    /// <summary>Reads the number.</summary>
    /// <param name="encoding">The chunk's encoding, without the out-of-order mask.</param>
    /// <param name="chunk">The chunk.</param>
    /// <returns>0 also where the chunk is cut short.</returns>
    public static int Samples(byte encoding, ReadOnlySpan<byte> chunk)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(chunk, out var header)) return 0;
        return encoding is HistogramSt or FloatHistogramSt ? header & CountMask : header;
    }

    /// <summary>Does an encoding hold floats, not histograms?</summary>
    public static bool IsFloat(byte encoding) => encoding is ChunkEncoding.Xor or ChunkEncoding.Xor2;
}
