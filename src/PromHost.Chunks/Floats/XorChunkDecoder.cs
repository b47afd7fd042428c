// Hot path: the loop runs once per sample read by a query.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Decodes whole XOR chunks (<see cref="XorChunkEncoder"/> draws the layout) into a column of timestamps and one of
/// values. Any bytes are safe: what is no valid chunk gives false, never an access outside the spans. Stateless.
/// </summary>
/// <remarks>
/// <para>
/// Each sample is read from a word of 57 bits or more, loaded at its bit position. Only that position is carried from
/// sample to sample, and what is added to it follows from the branches taken: where these are predicted, the loads of
/// several samples are under way at once. (A window of bits that is shifted and topped up, Giesen's variant 4, is one
/// chain from the first sample to the last, and a third slower.)
/// </para>
/// <para>
/// Samples close to the end of the chunk are decoded from a zero-padded copy of the tail, so that no load leaves the
/// span and the loop needs one check per sample.
/// </para>
/// </remarks>
public static class XorChunkDecoder
{
    // One sample consumes at most 145 bits, 19 bytes; the last load of it reaches eight bytes further.
    private const int LookAheadBytes = 28;
    private const int TailBytes = 96;

    // Of a word, so many bits are those of the chunk wherever it begins within a byte.
    private const int WordBits = 57;

    // Samples that change nothing are written by so many.
    private const int BlockLength = 8;

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

        // The second sample has no delta-of-delta bits. It is read from the bit before it, which is taken for 0 (delta
        // unchanged), so that it runs through the common loop.
        state.Index = 1;
        state.ConsumedBits = (position * 8) - 1;
        return DecodeBits(chunk, timestamps[..count], values[..count], ref state);
    }

    private static bool DecodeBits(
        ReadOnlySpan<byte> chunk, Span<long> timestamps, Span<double> values, ref XorDecodeState state)
    {
        if (!Run(ref MemoryMarshal.GetReference(chunk), LastBit(chunk.Length), timestamps, values, ref state))
            return false;

        if (state.Index < timestamps.Length)
        {
            // Fewer than LookAheadBytes are left, or none could be read at all: the rest fits the padded copy.
            Span<byte> tail = stackalloc byte[TailBytes];
            tail.Clear();
            var start = Math.Min(state.ConsumedBits >> 3, chunk.Length);
            chunk[start..].CopyTo(tail);
            state.ConsumedBits -= start * 8;
            if (!Run(ref MemoryMarshal.GetReference(tail), LastBit(TailBytes), timestamps, values, ref state))
                return false;
            state.ConsumedBits += start * 8;
        }

        // Past the end there are zeros only; having used one of them means that the chunk is cut short.
        return state.Index == timestamps.Length && state.ConsumedBits <= chunk.Length * 8L;
    }

    // The last bit at which a sample may begin.
    private static nint LastBit(int lengthBytes) => ((lengthBytes - LookAheadBytes) * (nint)8) + 7;

    // Decodes samples as long as there are any to come and they begin not after the last bit. No calls in here, and few
    // variables: what does not stay in a register costs more than the decoding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Run(
        ref byte source, nint lastBit, Span<long> timestamps, Span<double> values, ref XorDecodeState state)
    {
        nint position = state.ConsumedBits;
        if (position > lastBit) return true;
        ref var time = ref Unsafe.Add(ref MemoryMarshal.GetReference(timestamps), state.Index);
        ref var point = ref Unsafe.Add(
            ref Unsafe.As<double, ulong>(ref MemoryMarshal.GetReference(values)), state.Index);
        ref var end = ref Unsafe.Add(ref MemoryMarshal.GetReference(timestamps), timestamps.Length);
        var timestamp = state.TimestampMs;
        var delta = state.Delta;
        var value = state.ValueBits;
        var significant = state.HasWindow ? 64 - state.Leading - state.Trailing : 64;
        var trailing = state.Trailing;
        var word = Load(ref source, position);
        if (state.Index == 1) word &= ulong.MaxValue >> 1;

        while (true)
        {
            if (word >> 62 == 0)
            {
                // Two zeros are a sample like the one before it. They come in runs.
                var run = BitOperations.LeadingZeroCount(word | (ulong.MaxValue >> (WordBits - 1))) >> 1;
                run = Math.Min(run, (int)(Unsafe.ByteOffset(ref time, ref end) / sizeof(long)));
                position += run * 2;
                Repeat(ref time, ref point, ref end, run, timestamp, (long)delta, value);
                timestamp += (long)delta * run;
                time = ref Unsafe.Add(ref time, run);
                point = ref Unsafe.Add(ref point, run);
            }
            else
            {
                if ((long)word >= 0)
                {
                    word <<= 1;
                    position++;
                }
                else
                {
                    delta += ReadChange(ref source, ref position, word);
                    word = Load(ref source, position);
                }

                timestamp += (long)delta;
                time = timestamp;
                time = ref Unsafe.Add(ref time, 1);
                if ((long)word >= 0)
                {
                    position++;
                }
                else
                {
                    value ^= ReadXor(
                        ref source, ref position, word, ref significant, ref trailing, ref state);
                    if (trailing < 0) return false;
                }

                point = value;
                point = ref Unsafe.Add(ref point, 1);
            }

            if (!Unsafe.IsAddressLessThan(ref time, ref end) || position > lastBit) break;
            word = Load(ref source, position);
        }

        state.Index = (int)(Unsafe.ByteOffset(ref MemoryMarshal.GetReference(timestamps), ref time) / sizeof(long));
        state.ConsumedBits = (int)position;
        state.TimestampMs = timestamp;
        state.Delta = delta;
        state.ValueBits = value;
        state.Trailing = trailing;
        return true;
    }

    // The word begins with a 1 bit: the value changed. Makes the trailing zeros negative when the frame is impossible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadXor(
        ref byte source, ref nint position, ulong word, ref int significant, ref int trailing,
        ref XorDecodeState state)
    {
        position += 2;
        if ((long)(word << 1) >= 0)
        {
            // The frame of the last change; mostly all of its bits are in the word.
            if (significant <= WordBits - 3)
            {
                position += significant;
                return ((word << 2) >> (64 - significant)) << trailing;
            }
        }
        else
        {
            trailing = ReadFrame(word, ref significant, ref state);
            if (trailing < 0) return 0;
            position += 11;
        }

        var bits = ReadBits(ref source, position, significant);
        position += significant;
        return bits << trailing;
    }

    // Writes samples that are like the one before them. What stands in their last block behind them is overwritten by
    // what comes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Repeat(
        ref long time, ref ulong point, ref long end, int run, long timestamp, long delta, ulong value)
    {
        if (Unsafe.ByteOffset(ref time, ref end) < (run + BlockLength) * sizeof(long))
        {
            for (var i = 0; i < run; i++)
            {
                Unsafe.Add(ref time, i) = timestamp += delta;
                Unsafe.Add(ref point, i) = value;
            }

            return;
        }

        var times = Vector256.Create(timestamp) + Vector256.Create(delta, delta * 2, delta * 3, delta * 4);
        var four = Vector256.Create(delta * 4);
        var same = Vector256.Create(value);
        nuint written = 0;
        do
        {
            times.StoreUnsafe(ref time, written);
            same.StoreUnsafe(ref point, written);
            times += four;
            times.StoreUnsafe(ref time, written + 4);
            same.StoreUnsafe(ref point, written + 4);
            times += four;
            written += BlockLength;
        }
        while (written < (nuint)run);
    }

    // The word at a bit position: at least WordBits bits, then zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Load(ref byte source, nint position)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position >> 3));
        if (BitConverter.IsLittleEndian)
            word = BinaryPrimitives.ReverseEndianness(word);
        return word << (int)(position & 7);
    }

    // The word begins with two 1 bits: the value changed, in a new frame. Returns the frame's trailing zeros, negative
    // when the frame is impossible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadFrame(ulong word, ref int significant, ref XorDecodeState state)
    {
        var leading = (int)(word >> 57) & 0x1F;
        significant = (((int)(word >> 51) - 1) & 0x3F) + 1;
        state.Leading = leading;
        state.HasWindow = true;
        return 64 - leading - significant;
    }

    // The word begins with a 1 bit: one of the four classes of changed deltas.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadChange(ref byte source, ref nint position, ulong word)
    {
        if ((long)(word << 1) >= 0)
        {
            position += 16;
            return Signed((word << 2) >> (64 - 14), 14);
        }

        if ((long)(word << 3) < 0 && (long)(word << 2) < 0)
        {
            position += 68;
            return ReadBits(ref source, position - 64, 64);
        }

        var bits = (long)(word << 2) < 0 ? 20 : 17;
        var prefix = bits == 20 ? 4 : 3;
        position += prefix + bits;
        return Signed((word << prefix) >> (64 - bits), bits);
    }

    // What is above the half is negative, without a branch: the sign of a jitter cannot be predicted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Signed(ulong raw, int bits) =>
        raw + ((ulong)((long)((1UL << (bits - 1)) - raw) >> 63) << bits);

    // Up to 64 bits: those that a word lacks are in the byte behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadBits(ref byte source, nint position, int count)
    {
        var rest = (uint)Unsafe.Add(ref source, (position >> 3) + sizeof(ulong)) >> (8 - (int)(position & 7));
        return (Load(ref source, position) | rest) >> (64 - count);
    }
}
