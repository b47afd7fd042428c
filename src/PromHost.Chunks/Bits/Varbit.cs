// Hot path: several calls per histogram sample read.
using System.Numerics;
using System.Runtime.CompilerServices;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Reads what <see cref="ChunkBitWriter"/> writes (Prometheus <c>tsdb/chunkenc/varbit.go</c>): integers in nine
/// classes, a row of ones that is ended by a zero says which, and values as their changed bits. Behind the end of the
/// bytes there are zeros; the caller looks afterwards.
/// </summary>
internal static class Varbit
{
    /// <summary>The bits of the classes between the value 0 and all 64 bits.</summary>
    public static ReadOnlySpan<byte> Classes => [3, 6, 9, 12, 18, 25, 56];

    /// <summary>The smallest class that holds a number of significant bits.</summary>
    public static int ClassOf(int significantBits)
    {
        foreach (var bits in Classes)
        {
            if (significantBits <= bits) return bits;
        }

        return 64;
    }

    /// <summary>The bits that announce a class, and how many they are.</summary>
    public static int PrefixBitsOf(int bits, out ulong prefix)
    {
        if (bits == 64)
        {
            prefix = 0xFF;
            return 8;
        }

        var ones = Classes.IndexOf((byte)bits) + 1;
        prefix = ((1UL << ones) - 1) << 1;
        return ones + 1;
    }

    /// <summary>Reads an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref BitReader reader)
    {
        var window = reader.Peek();
        if ((long)window >= 0)
        {
            reader.Skip(1);
            return 0;
        }

        var raw = ReadClass(ref reader, window, out var bits);
        return bits < 64 && raw > 1UL << (bits - 1) ? (long)(raw - (1UL << bits)) : (long)raw;
    }

    /// <summary>Reads a number without a sign.</summary>
    public static ulong ReadUnsigned(ref BitReader reader)
    {
        var window = reader.Peek();
        if ((long)window < 0) return ReadClass(ref reader, window, out _);
        reader.Skip(1);
        return 0;
    }

    /// <summary>Reads the bits of a value.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="previousBits">The value before.</param>
    /// <param name="frame">The frame of the value's last change.</param>
    /// <param name="isValid">Made false when the bits are impossible, else left alone.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ReadXor(ref BitReader reader, ulong previousBits, ref XorFrame frame, ref bool isValid)
    {
        var window = reader.Peek();
        if ((long)window < 0) return previousBits ^ ReadChange(ref reader, window, ref frame, ref isValid);
        reader.Skip(1);
        return previousBits;
    }

    /// <summary>Reads 1 to 64 bits.</summary>
    public static ulong ReadWide(ref BitReader reader, int count)
    {
        if (count <= BitReader.MaxBits) return reader.Read(count);
        var high = reader.Read(count - 32);
        return (high << 32) | reader.Read(32);
    }

    /// <summary>Reads a varint of seven bits a byte.</summary>
    public static bool TryReadUvarint(ref BitReader reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var group = reader.Read(8);
            if (shift == 63 && group > 1) return false;
            value |= (group & 0x7F) << shift;
            if (group < 0x80) return true;
        }

        return false;
    }

    /// <summary>Reads a zigzag-coded varint of seven bits a byte.</summary>
    public static bool TryReadVarint(ref BitReader reader, out long value)
    {
        var isComplete = TryReadUvarint(ref reader, out var folded);
        value = Varint.UnfoldSign(folded);
        return isComplete;
    }

    // The window begins with a 1 bit.
    private static ulong ReadClass(ref BitReader reader, ulong window, out int bits)
    {
        var ones = BitOperations.LeadingZeroCount(~window);
        if (ones >= 8)
        {
            bits = 64;
            reader.Skip(8);
            return reader.Read64();
        }

        bits = Classes[ones - 1];
        reader.Skip(ones + 1);
        return reader.Read(bits);
    }

    private static ulong ReadChange(ref BitReader reader, ulong window, ref XorFrame frame, ref bool isValid)
    {
        if ((long)(window << 1) >= 0)
        {
            reader.Skip(2);
        }
        else
        {
            var leading = (int)(window >> 57) & 0x1F;
            var length = (((int)(window >> 51) - 1) & 0x3F) + 1;
            reader.Skip(13);
            if (leading + length > 64)
            {
                isValid = false;
                return 0;
            }

            frame = new XorFrame { Leading = (byte)leading, Trailing = (byte)(64 - leading - length), IsOpen = true };
        }

        return ReadWide(ref reader, 64 - frame.Leading - frame.Trailing) << frame.Trailing;
    }
}
