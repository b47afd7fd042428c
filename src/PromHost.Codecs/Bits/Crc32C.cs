// Hot path: one call per WAL fragment and per chunk read.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PromHost.Codecs;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) over byte spans, with the processor's instruction where there is one.
/// Stateless and thread-safe.
/// </summary>
/// <remarks>
/// The instruction takes three cycles but starts one per cycle: three parts of the bytes are summed side by side and
/// joined by a carry-less product (Gopal and others, "Fast CRC computation for iSCSI polynomial using CRC32
/// instruction", Intel 2011).
/// </remarks>
public static class Crc32C
{
    // Words of eight bytes of one of three parts: below the fewest it is not worth it.
    private const int FewestWords = 8;
    private const int MostWords = 128;

    // At n: what a sum is multiplied by to bring it past n words of zeros.
    private static readonly uint[] s_shifts = MakeShifts();

    /// <summary>Computes the checksum of <paramref name="bytes"/>; an empty span gives 0.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>
    /// Continues a checksum: the result equals <see cref="Compute"/> over what <paramref name="crc"/> covers followed
    /// by <paramref name="bytes"/>.
    /// </summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        var state = ~crc;
        if (Pclmulqdq.IsSupported && Sse42.X64.IsSupported)
        {
            while (bytes.Length >= 3 * FewestWords * sizeof(ulong))
            {
                var words = Math.Min(MostWords, bytes.Length / (3 * sizeof(ulong)));
                state = AppendThree(state, ref MemoryMarshal.GetReference(bytes), words);
                bytes = bytes[(words * 3 * sizeof(ulong))..];
            }
        }

        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
            state = BitOperations.Crc32C(state, b);
        return ~state;
    }

    // Three parts that follow each other, of so many words each.
    private static uint AppendThree(uint state, ref byte source, int words)
    {
        var size = (nint)words * sizeof(ulong);
        uint second = 0, third = 0;
        for (nint at = 0; at < size; at += sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, WordAt(ref source, at));
            second = BitOperations.Crc32C(second, WordAt(ref source, at + size));
            third = BitOperations.Crc32C(third, WordAt(ref source, at + (size * 2)));
        }

        // Multiplied without carries, then reduced by the instruction.
        var product = Multiply(state, s_shifts[words * 2]) ^ Multiply(second, s_shifts[words]);
        return BitOperations.Crc32C(0, product) ^ third;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong WordAt(ref byte source, nint offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Multiply(uint left, uint right) => Pclmulqdq.CarrylessMultiply(
        Vector128.CreateScalar((ulong)left), Vector128.CreateScalar((ulong)right), 0).ToScalar();

    // n words are 64n bits; the product of bit-reversed numbers and its reduction make 33 of them.
    private static uint[] MakeShifts()
    {
        var shifts = new uint[(MostWords * 2) + 1];
        shifts[1] = 1;
        for (var i = 2; i < shifts.Length; i++) shifts[i] = BitOperations.Crc32C(shifts[i - 1], 0UL);
        return shifts;
    }
}
