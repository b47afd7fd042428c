// Hot path: several calls per histogram sample appended.
using System.Numerics;
using System.Runtime.CompilerServices;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Writes a chunk's bits into an array that grows. Bits once written stay as they are, and an array that was grown out
/// of is not touched any more: a reader with an array and a number of samples reads these, whatever follows.
/// </summary>
internal struct ChunkBitWriter
{
    // A value takes 77 bits at most, and a write touches eight bytes from its beginning on.
    private const int RoomBytes = 32;
    private const int MinBytes = 128;

    /// <summary>The bytes; replaced by a longer array when there is no room.</summary>
    public byte[] Buffer;

    /// <summary>The bits written.</summary>
    public int LengthBits;

    /// <summary>The bytes written, the last one perhaps in part.</summary>
    public readonly int LengthBytes => (LengthBits + 7) >> 3;

    /// <summary>Begins anew in an array of its own.</summary>
    /// <param name="headerBytes">Bytes at the beginning, zeroed.</param>
    public void Start(int headerBytes)
    {
        Buffer = new byte[MinBytes];
        LengthBits = headerBytes * 8;
    }

    /// <summary>Begins anew in the same array, which nobody reads any more.</summary>
    /// <param name="headerBytes">Bytes at the beginning, zeroed.</param>
    public void Restart(int headerBytes)
    {
        if (Buffer is null)
        {
            Start(headerBytes);
            return;
        }

        Buffer.AsSpan(0, headerBytes).Clear();
        LengthBits = headerBytes * 8;
    }

    /// <summary>Writes up to <see cref="BitWriter.MaxBits"/> bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong value, int count)
    {
        if (Buffer.Length - (LengthBits >> 3) < RoomBytes) Grow();
        BitWriter.Write(Buffer, LengthBits, value, count);
        LengthBits += count;
    }

    /// <summary>Writes 64 bits.</summary>
    public void Write64(ulong value)
    {
        Write(value >> 32, 32);
        Write(value & uint.MaxValue, 32);
    }

    /// <summary>Writes a zigzag-coded varint, seven bits a byte.</summary>
    public void WriteVarint(long value) => WriteUvarint(Varint.FoldSign(value));

    /// <summary>Writes a varint, seven bits a byte.</summary>
    public void WriteUvarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) Write((value & 0x7F) | 0x80, 8);
        Write(value, 8);
    }

    /// <summary>Writes an integer in one of nine classes of 1 to 72 bits, small ones in few bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarbit(long value)
    {
        if (value == 0) Write(0, 1);
        else if (FitsBits(value, 3)) Write((0b10UL << 3) | ((ulong)value & 0x7), 5);
        else WriteLongVarbit(value);
    }

    /// <summary>The same for a number without a sign.</summary>
    public void WriteVarbitUnsigned(ulong value)
    {
        var significant = 64 - BitOperations.LeadingZeroCount(value);
        if (significant == 0)
            Write(0, 1);
        else
            WriteClass(value, Varbit.ClassOf(significant));
    }

    /// <summary>Writes how the bits of a value changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteXor(ulong bits, ulong previousBits, ref XorFrame frame)
    {
        if (bits == previousBits) Write(0, 1);
        else WriteChange(bits ^ previousBits, ref frame);
    }

    private void WriteChange(ulong xor, ref XorFrame frame)
    {
        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (frame.IsOpen && leading >= frame.Leading && trailing >= frame.Trailing)
        {
            Write(0b10, 2);
        }
        else
        {
            frame = new XorFrame { Leading = (byte)leading, Trailing = (byte)trailing, IsOpen = true };
            var length = (ulong)(64 - leading - trailing) & 0x3F;
            Write((0b11UL << 11) | ((ulong)leading << 6) | length, 13);
        }

        var significant = 64 - frame.Leading - frame.Trailing;
        WriteWide(xor >> frame.Trailing, significant);
    }

    private void WriteLongVarbit(long value)
    {
        foreach (var bits in Varbit.Classes)
        {
            if (!FitsBits(value, bits)) continue;
            WriteClass((ulong)value & ((1UL << bits) - 1), bits);
            return;
        }

        WriteClass((ulong)value, 64);
    }

    private void WriteClass(ulong value, int bits)
    {
        var prefixBits = Varbit.PrefixBitsOf(bits, out var prefix);
        Write(prefix, prefixBits);
        WriteWide(value, bits);
    }

    /// <summary>Writes 1 to 64 bits.</summary>
    public void WriteWide(ulong value, int count)
    {
        if (count > BitWriter.MaxBits)
        {
            Write(value >> 32, count - 32);
            value &= uint.MaxValue;
            count = 32;
        }

        Write(value, count);
    }

    // The classes are lopsided: n bits hold -(2^(n-1) - 1) .. 2^(n-1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool FitsBits(long value, int bits) =>
        (ulong)value + ((1UL << (bits - 1)) - 1) <= (1UL << bits) - 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        // BitWriter relies on nothing behind its position: zeros there are as good as the old bytes.
        var grown = new byte[Math.Max(MinBytes, Buffer.Length * 2)];
        Buffer.AsSpan(0, LengthBytes).CopyTo(grown);
        Buffer = grown;
    }
}
