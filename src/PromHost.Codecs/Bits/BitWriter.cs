// Hot path: two calls per appended sample at most.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// Writes bits, most significant first, at a bit position of a caller-owned buffer. Keeps no state: the position is the
/// caller's. Everything behind the written bits is zeroed up to the end of the eight bytes that the write touches.
/// </summary>
public static class BitWriter
{
    /// <summary>The most bits that one <see cref="Write"/> takes at any position.</summary>
    public const int MaxBits = 57;

    /// <summary>
    /// Writes the low <paramref name="count"/> bits of <paramref name="value"/>; its other bits must be zero.
    /// </summary>
    /// <param name="buffer">Holds at least eight bytes from the byte of <paramref name="positionBits"/> on.</param>
    /// <param name="positionBits">Where to write; bits before it stay as they are.</param>
    /// <param name="value">The bits, right-aligned.</param>
    /// <param name="count">1 to <see cref="MaxBits"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Span<byte> buffer, int positionBits, ulong value, int count)
    {
        var target = buffer.Slice(positionBits >> 3, sizeof(ulong));
        var used = positionBits & 7;
        var kept = (ulong)(byte)(target[0] & (0xFF00 >> used)) << 56;
        BinaryPrimitives.WriteUInt64BigEndian(target, kept | (value << (64 - used - count)));
    }

    /// <summary>Writes all 64 bits of <paramref name="value"/>; needs twelve bytes from the position on.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Write64(Span<byte> buffer, int positionBits, ulong value)
    {
        Write(buffer, positionBits, value >> 32, 32);
        Write(buffer, positionBits + 32, value & uint.MaxValue, 32);
    }
}
