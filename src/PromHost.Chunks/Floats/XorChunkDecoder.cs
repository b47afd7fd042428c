// Hot path: the loop runs once per sample read by a query.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Decodes whole XOR chunks (<see cref="XorChunkEncoder"/> draws the layout) into a column of timestamps and one of
/// values. Any bytes are safe: what is no valid chunk gives false, never an access outside the spans. Stateless.
/// </summary>
/// <remarks>
/// A 64-bit window over the bits is topped up by unaligned eight-byte loads (Giesen, "Reading bits in far too many
/// ways", variant 4): at least 56 bits are there after each refill. Samples close to the end of the chunk are decoded
/// from a zero-padded copy of the tail, so that no load leaves the span and the loop needs one check per sample.
/// </remarks>
public static class XorChunkDecoder
{
    // One sample consumes at most 145 bits, 19 bytes; the last refill of it loads eight bytes more.
    private const int LookAheadBytes = 28;
    private const int TailBytes = 96;

    /// <summary>Reads the number of samples that the chunk claims; false when it has no header.</summary>
    public static bool TryReadCount(ReadOnlySpan<byte> chunk, out int count)
    {
        if (chunk.Length < XorChunkEncoder.HeaderBytes)
        {
            count = 0;
            return false;
        }

        count = BinaryPrimitives.ReadUInt16BigEndian(chunk);
        return true;
    }

    /// <summary>Decodes all samples of a chunk.</summary>
    /// <param name="chunk">The chunk's data, beginning with the sample count.</param>
    /// <param name="timestamps">Receives the timestamps in milliseconds; at least as long as the chunk's count.</param>
    /// <param name="values">Receives the values with their exact bits; at least as long as the chunk's count.</param>
    /// <param name="count">The samples written.</param>
    /// <returns>False when the bytes are no valid chunk; the columns then hold nothing of use.</returns>
    /// <exception cref="ArgumentException">A column is shorter than the chunk's count.</exception>
    public static bool TryDecode(
        ReadOnlySpan<byte> chunk, Span<long> timestamps, Span<double> values, out int count) =>
        TryReadCount(chunk, out count) && TryDecode(chunk, count, timestamps, values, out _);

    /// <summary>
    /// Decodes the first <paramref name="count"/> samples, whatever the chunk's header says: for an open chunk that may
    /// grow meanwhile. Otherwise as <see cref="TryDecode(ReadOnlySpan{byte}, Span{long}, Span{double}, out int)"/>.
    /// </summary>
    public static bool TryDecodeFirst(
        ReadOnlySpan<byte> chunk, int count, Span<long> timestamps, Span<double> values) =>
        chunk.Length >= XorChunkEncoder.HeaderBytes && TryDecode(chunk, count, timestamps, values, out _);

    internal static bool TryDecode(
        ReadOnlySpan<byte> chunk, int count, Span<long> timestamps, Span<double> values, out XorDecodeState state)
    {
        if (timestamps.Length < count || values.Length < count)
            throw new ArgumentException("a column is shorter than the chunk's sample count", nameof(timestamps));

        state = default;
        var position = XorChunkEncoder.HeaderBytes;
        if (count == 0)
        {
            state.ConsumedBits = position * 8;
            return true;
        }

        if (!Varint.TryReadSigned(chunk[position..], out state.TimestampMs, out var length)
            || chunk.Length - position - length < sizeof(ulong))
            return false;
        position += length;
        state.ValueBits = BinaryPrimitives.ReadUInt64BigEndian(chunk[position..]);
        position += sizeof(ulong);
        timestamps[0] = state.TimestampMs;
        values[0] = BitConverter.UInt64BitsToDouble(state.ValueBits);
        state.ConsumedBits = position * 8;
        if (count == 1)
            return true;

        if (!Varint.TryReadUnsigned(chunk[position..], out state.Delta, out length))
            return false;
        position += length;

        // The second sample has no delta-of-delta bits. An invented 0 bit in the window (delta unchanged) lets it run
        // through the common loop.
        state.Index = 1;
        state.Position = position;
        state.WindowBits = 1;
        return DecodeBits(chunk, timestamps[..count], values[..count], ref state);
    }

    private static bool DecodeBits(
        ReadOnlySpan<byte> chunk, Span<long> timestamps, Span<double> values, ref XorDecodeState state)
    {
        if (!Run(ref MemoryMarshal.GetReference(chunk), chunk.Length - LookAheadBytes, timestamps, values, ref state))
            return false;

        if (state.Index < timestamps.Length)
        {
            // Fewer than LookAheadBytes are left, or no refill was possible at all: the rest fits the padded copy.
            Span<byte> tail = stackalloc byte[TailBytes];
            tail.Clear();
            var start = Math.Min(state.Position, chunk.Length);
            chunk[start..].CopyTo(tail);
            state.Position -= start;
            if (!Run(ref MemoryMarshal.GetReference(tail), TailBytes - LookAheadBytes, timestamps, values, ref state))
                return false;
            state.Position += start;
        }

        // Past the end there are zeros only; having used one of them means that the chunk is cut short.
        state.ConsumedBits = (state.Position * 8) - state.WindowBits;
        return state.Index == timestamps.Length && state.ConsumedBits <= chunk.Length * 8;
    }

    // Invariant: the top windowBits bits of window are the next bits of the chunk, and what lies below them is zero or
    // the bits that follow, so that a refill may OR the same bits in again.
    private static bool Run(
        ref byte source, int lastPosition, Span<long> timestamps, Span<double> values, ref XorDecodeState state)
    {
        ref var timestampColumn = ref MemoryMarshal.GetReference(timestamps);
        ref var valueColumn = ref MemoryMarshal.GetReference(values);
        var count = timestamps.Length;
        var index = state.Index;
        var position = state.Position;
        var window = state.Window;
        var windowBits = state.WindowBits;
        var timestamp = state.TimestampMs;
        var delta = state.Delta;
        var value = state.ValueBits;
        var significant = state.HasWindow ? 64 - state.Leading - state.Trailing : 64;
        var trailing = state.Trailing;
        var valid = true;

        while (index < count && position <= lastPosition)
        {
            Refill(ref source, ref position, ref window, ref windowBits);
            if ((long)window >= 0)
            {
                window <<= 1;
                windowBits--;
            }
            else
            {
                delta += ReadChange(ref source, ref state, ref position, ref window, ref windowBits);
            }

            timestamp += (long)delta;
            Unsafe.Add(ref timestampColumn, index) = timestamp;
            if ((long)window >= 0)
            {
                window <<= 1;
                windowBits--;
                Unsafe.Add(ref valueColumn, index) = BitConverter.UInt64BitsToDouble(value);
                index++;
                continue;
            }

            trailing = ReadFrame(ref window, ref windowBits, ref significant, trailing, ref state);
            if (trailing < 0)
            {
                valid = false;
                break;
            }

            var bits = ReadBits(ref source, ref state, ref position, ref window, ref windowBits, significant);
            value ^= bits << trailing;
            Unsafe.Add(ref valueColumn, index) = BitConverter.UInt64BitsToDouble(value);
            index++;
        }

        state.Index = index;
        state.Position = position;
        state.Window = window;
        state.WindowBits = windowBits;
        state.TimestampMs = timestamp;
        state.Delta = delta;
        state.ValueBits = value;
        state.Trailing = trailing;
        return valid;
    }

    // The window begins with a 1 bit: the value changed. A 0 behind it keeps the frame of the last change, a 1 brings a
    // new one. Returns the frame's trailing zeros, negative when the frame is impossible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadFrame(
        ref ulong window, ref int windowBits, ref int significant, int trailing, ref XorDecodeState state)
    {
        if ((long)(window << 1) >= 0)
        {
            window <<= 2;
            windowBits -= 2;
            return trailing;
        }

        var leading = (int)(window >> 57) & 0x1F;
        significant = (((int)(window >> 51) - 1) & 0x3F) + 1;
        window <<= 13;
        windowBits -= 13;
        state.Leading = leading;
        state.HasWindow = true;
        return 64 - leading - significant;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Refill(ref byte source, ref int position, ref ulong window, ref int windowBits)
    {
        var next = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position));
        if (BitConverter.IsLittleEndian)
            next = BinaryPrimitives.ReverseEndianness(next);
        window |= next >> windowBits;
        position += (63 - windowBits) >> 3;
        windowBits |= 56;
    }

    // The window begins with a 1 bit: one of the four classes of changed deltas.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadChange(
        ref byte source, ref XorDecodeState state, ref int position, ref ulong window, ref int windowBits)
    {
        ulong change;
        if ((long)(window << 1) >= 0)
        {
            change = Signed((window << 2) >> (64 - 14), 14);
            window <<= 16;
            windowBits -= 16;
            return change;
        }

        state.Save(position, window, windowBits);
        change = ReadLargeChange(ref source, ref state);
        state.Load(out position, out window, out windowBits);
        return change;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadBits(
        ref byte source, ref XorDecodeState state, ref int position, ref ulong window, ref int windowBits, int count)
    {
        if (windowBits < count)
            Refill(ref source, ref position, ref window, ref windowBits);
        ulong bits;
        if (windowBits >= count)
        {
            // count is below 64 here: a window never holds more than 63 bits.
            bits = window >> (64 - count);
            window <<= count;
            windowBits -= count;
            return bits;
        }

        state.Save(position, window, windowBits);
        bits = ReadWide(ref source, ref state, count);
        state.Load(out position, out window, out windowBits);
        return bits;
    }

    private static ulong Signed(ulong raw, int bits) => raw > 1UL << (bits - 1) ? raw - (1UL << bits) : raw;

    // The rare cases work on the state: references to the loop's variables would keep those out of registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadLargeChange(ref byte source, ref XorDecodeState state)
    {
        var ones = BitOperations.LeadingZeroCount(~state.Window);
        if (ones < 4)
        {
            var bits = ones == 2 ? 17 : 20;
            var raw = (state.Window << (ones + 1)) >> (64 - bits);
            state.Window <<= ones + 1 + bits;
            state.WindowBits -= ones + 1 + bits;
            return Signed(raw, bits);
        }

        state.Window <<= 4;
        state.WindowBits -= 4;
        var change = ReadWide(ref source, ref state, 64);
        Refill(ref source, ref state.Position, ref state.Window, ref state.WindowBits);
        return change;
    }

    // Reads 57 to 64 bits in two parts.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong ReadWide(ref byte source, ref XorDecodeState state, int count)
    {
        var highCount = count - 32;
        if (state.WindowBits < highCount)
            Refill(ref source, ref state.Position, ref state.Window, ref state.WindowBits);
        var high = state.Window >> (64 - highCount);
        state.Window <<= highCount;
        state.WindowBits -= highCount;
        Refill(ref source, ref state.Position, ref state.Window, ref state.WindowBits);
        var low = state.Window >> 32;
        state.Window <<= 32;
        state.WindowBits -= 32;
        return (high << 32) | low;
    }
}
