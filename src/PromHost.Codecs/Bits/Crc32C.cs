// Hot path: one call per WAL fragment and per chunk read.
using System.Buffers.Binary;
using System.Numerics;

namespace PromHost.Codecs;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) over byte spans, with the processor's instruction where there is one.
/// Stateless and thread-safe.
/// </summary>
public static class Crc32C
{
    /// <summary>Computes the checksum of <paramref name="bytes"/>; an empty span gives 0.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>
    /// Continues a checksum: the result equals <see cref="Compute"/> over what <paramref name="crc"/> covers followed
    /// by <paramref name="bytes"/>.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
            state = BitOperations.Crc32C(state, b);
        return ~state;
    }
}
