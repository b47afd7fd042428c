// Hot path: every remote-write body and every compressed WAL record passes here.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.Codecs;

/// <summary>
/// Decodes the snappy block format into the caller's buffer. Input is hostile until proven otherwise: whatever the
/// bytes, nothing outside the two buffers is touched, nothing is thrown, and time is linear in their lengths.
/// </summary>
/// <remarks>
/// Format (google/snappy, format_description.txt): a uvarint with the decoded length, then elements. An element begins
/// with a tag byte whose two low bits are its kind: 0 a literal, 1 to 3 a copy of earlier output.
/// <code>
/// literal  llllll00            length-1 = l if below 60, else in the next l-59 bytes, little-endian
/// copy 1   ooolll01 oooooooo   length-4 = l, offset of 11 bits, the high ones in the tag
/// copy 2   llllll10 o*16       length-1 = l, little-endian offset
/// copy 4   llllll11 o*32       length-1 = l, little-endian offset
/// </code>
/// </remarks>
public static unsafe class SnappyDecoder
{
    private const int LiteralKind = 0;
    private const int LongestCopy = 64;

    /// <summary>Reads the length that the block declares for its decoded form.</summary>
    /// <param name="source">The block.</param>
    /// <param name="decodedLengthBytes">
    /// What the block claims, up to 2^32-1. It is the sender's word: compare it with a limit before making room.
    /// </param>
    /// <returns><see langword="false"/> if the block does not begin with a length of 32 bits.</returns>
    public static bool TryGetDecodedLength(ReadOnlySpan<byte> source, out long decodedLengthBytes) =>
        TryReadHeader(source, out decodedLengthBytes, out _);

    /// <summary>Decodes a whole block.</summary>
    /// <param name="source">The block, all of it and nothing else.</param>
    /// <param name="destination">
    /// Room for at least the declared length; exactly that much is written. Must not overlap the source.
    /// </param>
    /// <param name="written">The decoded length, or 0; after a failure what was written is unspecified.</param>
    /// <returns>
    /// <see langword="false"/> if the block is malformed, decodes to another length than it declares, or the
    /// destination is too short.
    /// </returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;
        if (!TryReadHeader(source, out var declared, out var headerLength) || declared > destination.Length)
            return false;

        fixed (byte* from = &MemoryMarshal.GetReference(source))
        fixed (byte* to = &MemoryMarshal.GetReference(destination))
        {
            if (!TryDecodeElements(from + headerLength, from + source.Length, to, to + declared))
                return false;
        }

        written = (int)declared;
        return true;
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> source, out long decodedLength, out int headerLength)
    {
        if (Varint.TryReadUnsigned(source, out var length, out headerLength) && length <= uint.MaxValue)
        {
            decodedLength = (long)length;
            return true;
        }

        decodedLength = 0;
        return false;
    }

    private static bool TryDecodeElements(byte* ip, byte* ipEnd, byte* start, byte* opEnd)
    {
        var op = start;
        while (ip < ipEnd)
        {
            uint tag = *ip++;
            if ((tag & 3) == LiteralKind)
            {
                nuint length = (tag >> 2) + 1;
                // Most literals are short: sixteen bytes are copied whatever the length, if both buffers have them.
                if (length <= 16 && ipEnd - ip >= 16 && opEnd - op >= 16)
                {
                    Copy16(op, ip);
                    ip += length;
                    op += length;
                    continue;
                }

                if (length > 60 && !TryReadLiteralLength(ref ip, ipEnd, ref length))
                    return false;
                if (length > (nuint)(ipEnd - ip) || length > (nuint)(opEnd - op))
                    return false;
                Unsafe.CopyBlockUnaligned(op, ip, (uint)length);
                ip += length;
                op += length;
                continue;
            }

            nuint copyLength;
            nuint offset;
            if (ipEnd - ip >= 4)
            {
                ReadCopy(tag, Unsafe.ReadUnaligned<uint>(ip), out copyLength, out offset, out var trailerLength);
                ip += trailerLength;
            }
            else if (!TryReadLastCopy(tag, ref ip, ipEnd, out copyLength, out offset))
            {
                return false;
            }

            // offset - 1 turns the forbidden offset 0 into the largest there is.
            if (offset - 1 >= (nuint)(op - start) || copyLength > (nuint)(opEnd - op))
                return false;
            if (offset >= 16 && opEnd - op >= LongestCopy)
            {
                CopyDistant(op, op - offset, copyLength);
                op += copyLength;
            }
            else
            {
                op = CopyNear(op, opEnd, offset, copyLength);
            }
        }

        return op == opEnd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadCopy(uint tag, uint trailer, out nuint length, out nuint offset, out nuint trailerLength)
    {
        if ((tag & 3) == 1)
        {
            length = ((tag >> 2) & 7) + 4;
            offset = ((tag >> 5) << 8) | (trailer & 0xff);
            trailerLength = 1;
            return;
        }

        length = (tag >> 2) + 1;
        var isWide = (tag & 3) == 3;
        offset = isWide ? trailer : trailer & 0xffff;
        trailerLength = isWide ? 4u : 2u;
    }

    /// <summary>A copy so near the end of the input that four bytes cannot be loaded behind its tag.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadLastCopy(uint tag, ref byte* ip, byte* ipEnd, out nuint length, out nuint offset)
    {
        var trailer = 0u;
        var available = (nuint)(ipEnd - ip);
        for (nuint i = 0; i < available; i++)
            trailer |= (uint)ip[i] << (int)(8 * i);
        ReadCopy(tag, trailer, out length, out offset, out var trailerLength);
        if (trailerLength > available)
            return false;
        ip += trailerLength;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadLiteralLength(ref byte* ip, byte* ipEnd, ref nuint length)
    {
        var count = (int)length - 60;
        if (ipEnd - ip < count)
            return false;
        nuint minusOne = 0;
        for (var i = 0; i < count; i++)
            minusOne |= (nuint)ip[i] << (8 * i);
        ip += count;
        length = minusOne + 1;
        return true;
    }

    /// <summary>Copies in steps of 16 that may write past the end, up to the longest copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyDistant(byte* to, byte* from, nuint length)
    {
        Copy16(to, from);
        if (length <= 16)
            return;
        Copy16(to + 16, from + 16);
        if (length <= 32)
            return;
        Copy16(to + 32, from + 32);
        Copy16(to + 48, from + 48);
    }

    /// <summary>Copies that overlap their own output (a repeated pattern) or lie near the end of the buffer.</summary>
    private static byte* CopyNear(byte* op, byte* opEnd, nuint offset, nuint length)
    {
        var end = op + length;
        if (opEnd - op >= LongestCopy + 16)
        {
            // Each step doubles the stretch that already holds the pattern, until a whole word lies behind.
            while (offset < 8)
            {
                Unsafe.WriteUnaligned(op, Unsafe.ReadUnaligned<ulong>(op - offset));
                op += offset;
                offset *= 2;
            }

            while (op < end)
            {
                Unsafe.WriteUnaligned(op, Unsafe.ReadUnaligned<ulong>(op - offset));
                op += 8;
            }

            return end;
        }

        while (op < end)
        {
            *op = *(op - offset);
            op++;
        }

        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy16(byte* to, byte* from) =>
        Unsafe.WriteUnaligned(to, Unsafe.ReadUnaligned<Vector128<byte>>(from));
}
