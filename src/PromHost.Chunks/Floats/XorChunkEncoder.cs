// Hot path: Append runs once per ingested sample.
using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using PromHost.Codecs;

namespace PromHost.Chunks;

/// <summary>
/// Appends float samples to an XOR chunk (after Gorilla, Pelkonen et al., VLDB 2015, with Prometheus's bit classes;
/// <c>docs/formats/xor-chunk.md</c>), byte for byte as Prometheus writes it.
/// <code>
/// count u16 | t0 varint | v0 f64 | t1-t0 uvarint | v1 xor bits | { delta-of-delta bits, xor bits }*
/// </code>
/// </summary>
/// <remarks>
/// The value holds the encoder's state, the caller the bytes: the same buffer, or a longer copy of it, goes into every
/// call. The buffer is a valid chunk of <see cref="LengthBytes"/> after each call. Bits once written never change, so
/// a reader may decode the first n samples of a buffer while later ones are appended. Not thread-safe beyond that.
/// </remarks>
public struct XorChunkEncoder
{
    /// <summary>Free bytes that <see cref="Append"/> needs behind <see cref="LengthBytes"/>.</summary>
    public const int RequiredFreeBytes = 32;

    /// <summary>The most bytes that one sample adds to a chunk.</summary>
    public const int MaxSampleBytes = 19;

    /// <summary>The most samples that a chunk can count.</summary>
    public const int MaxSamples = ushort.MaxValue;

    /// <summary>Bytes that <see cref="WriteState"/> writes.</summary>
    public const int StateBytes = 32;

    internal const int HeaderBytes = 2;
    internal const byte NoWindow = 0xFF;

    private long _lastTimestampMs;
    private ulong _lastValueBits;
    private ulong _delta;
    private int _lengthBits;
    private ushort _count;
    private byte _leading;
    private byte _trailing;

    /// <summary>Samples in the chunk.</summary>
    public readonly int Count => _count;

    /// <summary>Bytes of the chunk so far; 0 before <see cref="Start"/>.</summary>
    public readonly int LengthBytes => (_lengthBits + 7) >> 3;

    /// <summary>Timestamp of the last sample in milliseconds; 0 while <see cref="Count"/> is 0.</summary>
    public readonly long LastTimestampMs => _lastTimestampMs;

    /// <summary>Value of the last sample, with its exact bits.</summary>
    public readonly double LastValue => BitConverter.UInt64BitsToDouble(_lastValueBits);

    /// <summary>Bits of the last sample's value.</summary>
    public readonly ulong LastValueBits => _lastValueBits;

    /// <summary>Begins an empty chunk at the start of <paramref name="buffer"/> (two bytes).</summary>
    public static XorChunkEncoder Start(Span<byte> buffer)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer, 0);
        return new XorChunkEncoder { _lengthBits = HeaderBytes * 8, _leading = NoWindow };
    }

    /// <summary>
    /// Rebuilds the encoder that wrote <paramref name="chunk"/>, so that appending to a copy of the bytes continues as
    /// if there had been no break. False when the bytes are not a valid chunk.
    /// </summary>
    public static bool TryResume(ReadOnlySpan<byte> chunk, out XorChunkEncoder encoder)
    {
        encoder = default;
        if (!XorChunkDecoder.TryReadCount(chunk, out var count))
            return false;
        encoder = new XorChunkEncoder { _lengthBits = HeaderBytes * 8, _leading = NoWindow };
        if (count == 0)
            return true;

        var timestamps = ArrayPool<long>.Shared.Rent(count);
        var values = ArrayPool<double>.Shared.Rent(count);
        var decoded = XorChunkDecoder.TryDecode(chunk, count, timestamps, values, out var state);
        if (decoded)
        {
            encoder = new XorChunkEncoder
            {
                _lastTimestampMs = timestamps[count - 1],
                _lastValueBits = BitConverter.DoubleToUInt64Bits(values[count - 1]),
                _delta = state.Delta,
                _lengthBits = state.ConsumedBits,
                _count = (ushort)count,
                _leading = state.HasWindow ? (byte)state.Leading : NoWindow,
                _trailing = (byte)state.Trailing,
            };
        }

        ArrayPool<long>.Shared.Return(timestamps);
        ArrayPool<double>.Shared.Return(values);
        return decoded;
    }

    /// <summary>
    /// Rebuilds an encoder from what <see cref="WriteState"/> wrote beside its chunk: the same as <see
    /// cref="TryResume"/> without decoding the chunk.
    /// </summary>
    /// <param name="state"><see cref="StateBytes"/> bytes, as they were written.</param>
    /// <param name="encoder">The encoder; it has samples.</param>
    /// <returns>False when the bytes are no state of an encoder with samples.</returns>
    public static bool TryReadState(ReadOnlySpan<byte> state, out XorChunkEncoder encoder)
    {
        encoder = default;
        if (state.Length < StateBytes) return false;
        encoder = new XorChunkEncoder
        {
            _lastTimestampMs = BinaryPrimitives.ReadInt64BigEndian(state),
            _lastValueBits = BinaryPrimitives.ReadUInt64BigEndian(state[8..]),
            _delta = BinaryPrimitives.ReadUInt64BigEndian(state[16..]),
            _lengthBits = BinaryPrimitives.ReadInt32BigEndian(state[24..]),
            _count = BinaryPrimitives.ReadUInt16BigEndian(state[28..]),
            _leading = state[30],
            _trailing = state[31],
        };
        var isSound = encoder is { _count: > 0, _lengthBits: > HeaderBytes * 8 and < int.MaxValue - 7 } &&
            (encoder._leading == NoWindow || (encoder._leading <= 31 && encoder._leading + encoder._trailing < 64));
        if (!isSound) encoder = default;
        return isSound;
    }

    /// <summary>Writes the encoder's state, to be kept beside the chunk.</summary>
    /// <param name="target">Receives <see cref="StateBytes"/> bytes.</param>
    public readonly void WriteState(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64BigEndian(target, _lastTimestampMs);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], _lastValueBits);
        BinaryPrimitives.WriteUInt64BigEndian(target[16..], _delta);
        BinaryPrimitives.WriteInt32BigEndian(target[24..], _lengthBits);
        BinaryPrimitives.WriteUInt16BigEndian(target[28..], _count);
        target[30] = _leading;
        target[31] = _trailing;
    }

    /// <summary>
    /// Appends one sample. Order of timestamps is the caller's concern; any two values encode. Throws
    /// <see cref="InvalidOperationException"/> when the buffer has less than <see cref="RequiredFreeBytes"/> left or
    /// the chunk is full.
    /// </summary>
    public void Append(Span<byte> buffer, long timestampMs, double value)
    {
        if (_count < 2 || _count == MaxSamples || buffer.Length - LengthBytes < RequiredFreeBytes)
        {
            AppendRare(buffer, timestampMs, value);
            return;
        }

        var delta = (ulong)(timestampMs - _lastTimestampMs);
        var change = (long)(delta - _delta);
        if (change == 0)
            AppendValue(buffer, BitConverter.DoubleToUInt64Bits(value), 0, 1);
        else if (FitsBits(change, 14))
            AppendValue(buffer, BitConverter.DoubleToUInt64Bits(value), (0b10UL << 14) | ((ulong)change & 0x3FFF), 16);
        else
            AppendLargeChange(buffer, change, value);

        _lastTimestampMs = timestampMs;
        _delta = delta;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, ++_count);
    }

    // The classes are lopsided: n bits hold -(2^(n-1) - 1) .. 2^(n-1).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool FitsBits(long change, int bits) =>
        (ulong)change + ((1UL << (bits - 1)) - 1) <= (1UL << bits) - 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendLargeChange(Span<byte> buffer, long change, double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (FitsBits(change, 17))
        {
            AppendValue(buffer, bits, (0b110UL << 17) | ((ulong)change & 0x1FFFF), 20);
        }
        else if (FitsBits(change, 20))
        {
            AppendValue(buffer, bits, (0b1110UL << 20) | ((ulong)change & 0xFFFFF), 24);
        }
        else
        {
            BitWriter.Write(buffer, _lengthBits, 0b1111, 4);
            BitWriter.Write64(buffer, _lengthBits + 4, (ulong)change);
            _lengthBits += 68;
            AppendValue(buffer, bits, 0, 0);
        }
    }

    // Writes the pending head bits (at most 24) and the value's bits behind them, if possible in one store.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AppendValue(Span<byte> buffer, ulong valueBits, ulong head, int headBits)
    {
        var xor = valueBits ^ _lastValueBits;
        if (xor == 0)
        {
            BitWriter.Write(buffer, _lengthBits, head << 1, headBits + 1);
            _lengthBits += headBits + 1;
            return;
        }

        _lastValueBits = valueBits;
        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);

        // NoWindow is above every leading count, so the first change always opens a window.
        if (leading >= _leading && trailing >= _trailing)
        {
            head = (head << 2) | 0b10;
            headBits += 2;
        }
        else
        {
            _leading = (byte)leading;
            _trailing = (byte)trailing;
            var length = (ulong)(64 - leading - trailing) & 0x3F;
            head = (head << 13) | (0b11UL << 11) | ((ulong)leading << 6) | length;
            headBits += 13;
        }

        var significant = 64 - _leading - _trailing;
        var payload = xor >> _trailing;
        if (headBits + significant <= BitWriter.MaxBits)
        {
            BitWriter.Write(buffer, _lengthBits, (head << significant) | payload, headBits + significant);
        }
        else
        {
            BitWriter.Write(buffer, _lengthBits, head, headBits);
            if (significant <= BitWriter.MaxBits)
                BitWriter.Write(buffer, _lengthBits + headBits, payload, significant);
            else
                WriteWide(buffer, _lengthBits + headBits, payload, significant);
        }

        _lengthBits += headBits + significant;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteWide(Span<byte> buffer, int positionBits, ulong payload, int count)
    {
        var low = count / 2;
        BitWriter.Write(buffer, positionBits, payload >> low, count - low);
        BitWriter.Write(buffer, positionBits + count - low, payload & ((1UL << low) - 1), low);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AppendRare(Span<byte> buffer, long timestampMs, double value)
    {
        if (_count == MaxSamples)
            throw new InvalidOperationException("the chunk holds 65535 samples and takes no more");
        if (_lengthBits == 0 || buffer.Length - LengthBytes < RequiredFreeBytes)
            throw new InvalidOperationException("the chunk's buffer is too short for another sample");

        var bits = BitConverter.DoubleToUInt64Bits(value);
        if (_count == 0)
        {
            WriteUvarint(buffer, Varint.FoldSign(timestampMs));
            BitWriter.Write64(buffer, _lengthBits, bits);
            _lengthBits += 64;
            _lastValueBits = bits;
        }
        else
        {
            _delta = (ulong)(timestampMs - _lastTimestampMs);
            WriteUvarint(buffer, _delta);
            AppendValue(buffer, bits, 0, 0);
        }

        _lastTimestampMs = timestampMs;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, ++_count);
    }

    private void WriteUvarint(Span<byte> buffer, ulong value)
    {
        Varint.TryWriteUnsigned(buffer[LengthBytes..], value, out var length);
        _lengthBits += length * 8;
    }
}
