// Hot path: compresses every WAL record.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.Codecs;

/// <summary>
/// Encodes the snappy block format (drawn at <see cref="SnappyDecoder"/>) into the caller's buffer. It owns the hash
/// table of the matcher (32 KiB) and allocates nothing more; one thread at a time.
/// </summary>
/// <remarks>
/// The input is cut into fragments of 64 KiB, so that positions fit the table's 16 bits. In a fragment the table maps
/// the hash of four bytes to where they were last seen; a hit that really matches is extended as far as it goes and
/// written as a copy. The longer nothing matches, the larger the steps, so that noise passes quickly.
/// </remarks>
public sealed unsafe class SnappyEncoder
{
    private const int FragmentLength = 1 << 16;
    private const int MaxTableBits = 14;
    private const int MinTableBits = 8;

    /// <summary>No match begins in the last bytes of a fragment: whole words can be loaded without a check.</summary>
    private const int TailLength = 15;

    private readonly ushort[] _table = GC.AllocateUninitializedArray<ushort>(1 << MaxTableBits);

    /// <summary>The most bytes that an input of the given length can take.</summary>
    public static int MaxEncodedLength(int sourceLength) => checked(32 + sourceLength + (sourceLength / 6));

    /// <summary>Encodes <paramref name="source"/> as one block.</summary>
    /// <param name="source">The bytes; an empty input makes a block of one byte.</param>
    /// <param name="destination">
    /// Room for at least <see cref="MaxEncodedLength"/> of the input's length. Must not overlap the source.
    /// </param>
    /// <returns>How many bytes were written; the rest of the destination is unspecified.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Encode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < MaxEncodedLength(source.Length))
            throw new ArgumentException("The destination is shorter than the input may need.", nameof(destination));

        Varint.TryWriteUnsigned(destination, (ulong)source.Length, out var headerLength);
        fixed (byte* from = &MemoryMarshal.GetReference(source))
        fixed (byte* to = &MemoryMarshal.GetReference(destination))
        fixed (ushort* table = _table)
        {
            var op = to + headerLength;
            for (var start = 0; start < source.Length; start += FragmentLength)
            {
                var length = Math.Min(FragmentLength, source.Length - start);
                var tableBits = Math.Clamp(BitOperations.Log2((uint)length) + 1, MinTableBits, MaxTableBits);
                _table.AsSpan(0, 1 << tableBits).Clear();
                op = EncodeFragment(from + start, from + start + length, op, table, 32 - tableBits);
            }

            return (int)(op - to);
        }
    }

    private static byte* EncodeFragment(byte* start, byte* end, byte* op, ushort* table, int shift)
    {
        var literal = start;
        if (end - start > TailLength)
        {
            var limit = end - TailLength;
            var ip = start + 1;
            while (TryFindMatch(start, limit, table, shift, ref ip, out var candidate))
            {
                op = WriteLiteral(op, literal, (nuint)(ip - literal));
                uint word;
                do
                {
                    var length = 4 + MatchLength(candidate + 4, ip + 4, end);
                    op = WriteCopy(op, (uint)(ip - candidate), length);
                    ip += length;
                    literal = ip;
                    if (ip >= limit)
                        return WriteTail(op, literal, end);

                    // Matches often follow each other: look right behind this one before searching again.
                    var words = Unsafe.ReadUnaligned<ulong>(ip - 1);
                    table[Hash((uint)words, shift)] = (ushort)(ip - 1 - start);
                    word = (uint)(words >> 8);
                    var slot = Hash(word, shift);
                    candidate = start + table[slot];
                    table[slot] = (ushort)(ip - start);
                }
                while (Unsafe.ReadUnaligned<uint>(candidate) == word);

                ip++;
            }
        }

        return WriteTail(op, literal, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFindMatch(
        byte* start, byte* limit, ushort* table, int shift, ref byte* position, out byte* candidate)
    {
        var ip = position;
        for (nuint misses = 32; ip < limit; ip += misses++ >> 5)
        {
            var word = Unsafe.ReadUnaligned<uint>(ip);
            var slot = Hash(word, shift);
            candidate = start + table[slot];
            table[slot] = (ushort)(ip - start);
            // An empty slot means position 0, which is as good a candidate as any: the bytes decide.
            if (Unsafe.ReadUnaligned<uint>(candidate) == word)
            {
                position = ip;
                return true;
            }
        }

        candidate = null;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(uint word, int shift) => (word * 0x9E3779B1u) >> shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint MatchLength(byte* earlier, byte* later, byte* end)
    {
        var begin = later;
        while (end - later >= 8)
        {
            var difference = Unsafe.ReadUnaligned<ulong>(earlier) ^ Unsafe.ReadUnaligned<ulong>(later);
            if (difference != 0)
                return (uint)(later - begin) + ((uint)BitOperations.TrailingZeroCount(difference) >> 3);
            earlier += 8;
            later += 8;
        }

        while (later < end && *earlier == *later)
        {
            earlier++;
            later++;
        }

        return (uint)(later - begin);
    }

    private static byte* WriteTail(byte* op, byte* literal, byte* end)
    {
        var length = (nuint)(end - literal);
        if (length == 0)
            return op;
        op = WriteLiteralTag(op, length);
        Unsafe.CopyBlockUnaligned(op, literal, (uint)length);
        return op + length;
    }

    /// <summary>
    /// Writes a literal that ends before the tail: sixteen bytes can be loaded from anywhere in it, and the destination
    /// has that much to spare.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteLiteral(byte* op, byte* literal, nuint length)
    {
        if (length is > 0 and <= 16)
        {
            *op = (byte)((length - 1) << 2);
            Unsafe.WriteUnaligned(op + 1, Unsafe.ReadUnaligned<Vector128<byte>>(literal));
            return op + 1 + length;
        }

        if (length == 0)
            return op;
        op = WriteLiteralTag(op, length);
        Unsafe.CopyBlockUnaligned(op, literal, (uint)length);
        return op + length;
    }

    private static byte* WriteLiteralTag(byte* op, nuint length)
    {
        var minusOne = (uint)length - 1;
        if (minusOne < 60)
        {
            *op = (byte)(minusOne << 2);
            return op + 1;
        }

        if (minusOne < 256)
        {
            op[0] = 60 << 2;
            op[1] = (byte)minusOne;
            return op + 2;
        }

        // A fragment is not longer than 2^16.
        op[0] = 61 << 2;
        op[1] = (byte)minusOne;
        op[2] = (byte)(minusOne >> 8);
        return op + 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteCopy(byte* op, uint offset, uint length)
    {
        // What is left after a cut is never shorter than 4, the least that the short form can say.
        while (length >= 68)
        {
            op = WriteCopy2(op, offset, 64);
            length -= 64;
        }

        if (length > 64)
        {
            op = WriteCopy2(op, offset, 60);
            length -= 60;
        }

        if (length < 12 && offset < 2048)
        {
            op[0] = (byte)(1 | ((length - 4) << 2) | ((offset >> 8) << 5));
            op[1] = (byte)offset;
            return op + 2;
        }

        return WriteCopy2(op, offset, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* WriteCopy2(byte* op, uint offset, uint length)
    {
        op[0] = (byte)(2 | ((length - 1) << 2));
        Unsafe.WriteUnaligned(op + 1, (ushort)offset);
        return op + 3;
    }
}
