// Hot path: WAL records, chunk headers and protobuf messages are made of these.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// Variable-length integers in groups of seven bits, least significant first, as in protobuf and in Go's
/// <c>encoding/binary</c>: unsigned ("uvarint") and signed with the sign folded into the lowest bit ("varint", zigzag).
/// Reads report bad input as <see langword="false"/> and never throw.
/// </summary>
public static class Varint
{
    /// <summary>The most bytes that a 64-bit integer takes.</summary>
    public const int MaxLength = 10;

    /// <summary>The most bytes that a 32-bit unsigned integer takes.</summary>
    public const int MaxLength32 = 5;

    /// <summary>Reads an unsigned integer from the front of <paramref name="source"/>.</summary>
    /// <param name="source">The bytes; what follows the integer is ignored.</param>
    /// <param name="value">The integer, or 0.</param>
    /// <param name="length">How many bytes it took, or 0.</param>
    /// <returns><see langword="false"/> if the bytes end inside the integer or it exceeds 64 bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadUnsigned(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            length = 1;
            return true;
        }

        return TryReadUnsignedSlow(source, out value, out length);
    }

    /// <summary>Reads a zigzag-coded signed integer from the front of <paramref name="source"/>.</summary>
    /// <inheritdoc cref="TryReadUnsigned"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadSigned(ReadOnlySpan<byte> source, out long value, out int length)
    {
        var complete = TryReadUnsigned(source, out var folded, out length);
        value = UnfoldSign(folded);
        return complete;
    }

    /// <summary>Writes an unsigned integer to the front of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where to write; <see cref="MaxLength"/> bytes are always enough.</param>
    /// <param name="value">The integer.</param>
    /// <param name="length">How many bytes it took, or 0.</param>
    /// <returns><see langword="false"/> if the destination is too short; its content is then unspecified.</returns>
    public static bool TryWriteUnsigned(Span<byte> destination, ulong value, out int length)
    {
        var i = 0;
        while (value >= 0x80)
        {
            if ((uint)i >= (uint)destination.Length)
            {
                length = 0;
                return false;
            }

            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        if ((uint)i >= (uint)destination.Length)
        {
            length = 0;
            return false;
        }

        destination[i] = (byte)value;
        length = i + 1;
        return true;
    }

    /// <summary>Writes a signed integer, zigzag-coded, to the front of <paramref name="destination"/>.</summary>
    /// <inheritdoc cref="TryWriteUnsigned"/>
    public static bool TryWriteSigned(Span<byte> destination, long value, out int length) =>
        TryWriteUnsigned(destination, FoldSign(value), out length);

    /// <summary>How many bytes <paramref name="value"/> takes as an unsigned integer, 1 to 10.</summary>
    public static int LengthOfUnsigned(ulong value) => (BitOperations.Log2(value | 1) + 7) / 7;

    /// <summary>How many bytes <paramref name="value"/> takes as a zigzag-coded integer, 1 to 10.</summary>
    public static int LengthOfSigned(long value) => LengthOfUnsigned(FoldSign(value));

    /// <summary>Maps 0, -1, 1, -2, … to 0, 1, 2, 3, …</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FoldSign(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>The inverse of <see cref="FoldSign"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long UnfoldSign(ulong folded) => (long)(folded >> 1) ^ -(long)(folded & 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadUnsignedSlow(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        var end = Math.Min(source.Length, MaxLength);
        var bits = 0UL;
        for (var i = 0; i < end; i++)
        {
            var group = source[i];
            if (group < 0x80)
            {
                // The tenth group holds the one bit that is left of 64.
                if (i == MaxLength - 1 && group > 1)
                    break;
                value = bits | ((ulong)group << (7 * i));
                length = i + 1;
                return true;
            }

            bits |= (ulong)(group & 0x7f) << (7 * i);
        }

        value = 0;
        length = 0;
        return false;
    }
}
