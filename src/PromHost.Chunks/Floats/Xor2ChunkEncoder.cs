using System.Buffers.Binary;
using System.Numerics;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// Appends float samples with start timestamps to an XOR2 chunk (<c>docs/formats/xor2-chunk.md</c>), bit for bit as
/// Prometheus 3.14 writes it. Owns the bytes; for one thread, but bits once written never change: a reader that holds
/// <see cref="Buffer"/> may decode the first n samples while later ones are appended.
/// <code>
/// count u16 | start timestamps u8 | t0 varint | v0 f64 | t1-t0 uvarint | v1 bits | { joint bits }*
/// </code>
/// </summary>
public sealed class Xor2ChunkEncoder
{
    /// <summary>The most samples that a chunk can count.</summary>
    public const int MaxSamples = ushort.MaxValue;

    internal const int HeaderBytes = 3;
    internal const int StartTimestampsOffset = 2;

    // Invariant: never the stale marker, which has bits of its own and leaves the value as it is.
    private ulong _lastValueBits;
    private long _timeDelta;
    private XorFrame _frame;
    private StartTimestampWriter _starts;
    private ChunkBitWriter _writer;

    /// <summary>Samples in the chunk.</summary>
    public int Count { get; private set; }

    /// <summary>Timestamp of the last sample in milliseconds.</summary>
    public long LastTimestampMs { get; private set; }

    /// <summary>Bytes of the chunk so far.</summary>
    public int LengthBytes => _writer.LengthBytes;

    /// <summary>The array that begins with the chunk.</summary>
    public byte[] Buffer => _writer.Buffer;

    /// <summary>The chunk; what follows appends to the same bytes.</summary>
    public ReadOnlyMemory<byte> Data => _writer.Buffer.AsMemory(0, LengthBytes);

    /// <summary>Begins an empty chunk in an array of its own.</summary>
    public void Start()
    {
        _writer.Start(HeaderBytes);
        Reset();
    }

    /// <summary>Begins an empty chunk in the array of the last one, which nobody reads any more.</summary>
    public void Restart()
    {
        _writer.Restart(HeaderBytes);
        Reset();
    }

    private void Reset()
    {
        _lastValueBits = 0;
        _timeDelta = 0;
        _frame = default;
        _starts = default;
        Count = 0;
    }

    /// <summary>Appends one sample. Order of timestamps is the caller's concern; any two values encode.</summary>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <param name="startTimestampMs">Its start timestamp; 0 is unknown.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="InvalidOperationException">The chunk is full.</exception>
    public void Append(long timestampMs, long startTimestampMs, double value)
    {
        if (Count == MaxSamples)
            throw new InvalidOperationException("the chunk holds 65535 samples and takes no more");
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var previousMs = LastTimestampMs;
        if (Count == 0)
        {
            _writer.WriteVarint(timestampMs);
            _writer.Write64(bits);
            previousMs = timestampMs;
        }
        else
        {
            var delta = timestampMs - previousMs;
            if (Count == 1) WriteSecond(delta, bits);
            else WriteFurther(delta - _timeDelta, bits);
            _timeDelta = delta;
        }

        if (bits != StaleMarker.Bits) _lastValueBits = bits;
        LastTimestampMs = timestampMs;
        _starts.Write(ref _writer, StartTimestampsOffset, Count, startTimestampMs, previousMs);
        BinaryPrimitives.WriteUInt16BigEndian(_writer.Buffer, (ushort)++Count);
    }

    private void WriteSecond(long delta, ulong bits)
    {
        _writer.WriteUvarint((ulong)delta);
        WriteValue(bits);
    }

    private void WriteFurther(long change, ulong bits)
    {
        if (change == 0)
        {
            if (bits == StaleMarker.Bits)
            {
                _writer.Write(0b11111, 5);
            }
            else if (bits == _lastValueBits)
            {
                _writer.Write(0, 1);
            }
            else
            {
                _writer.Write(0b10, 2);
                WriteChange(bits ^ _lastValueBits, sameFrame: 0, sameFrameBits: 1, newFrame: 1, newFrameBits: 1);
            }

            return;
        }

        // The classes end at whole bytes.
        if (change is >= -(1 << 12) and < 1 << 12)
        {
            _writer.Write((0b110UL << 13) | ((ulong)change & 0x1FFF), 16);
        }
        else if (change is >= -(1 << 19) and < 1 << 19)
        {
            _writer.Write((0b1110UL << 20) | ((ulong)change & 0xFFFFF), 24);
        }
        else
        {
            _writer.Write(0b11110, 5);
            _writer.Write64((ulong)change);
        }

        WriteValue(bits);
    }

    private void WriteValue(ulong bits)
    {
        if (bits == StaleMarker.Bits) _writer.Write(0b111, 3);
        else if (bits == _lastValueBits) _writer.Write(0, 1);
        else WriteChange(bits ^ _lastValueBits, sameFrame: 0b10, sameFrameBits: 2, newFrame: 0b110, newFrameBits: 3);
    }

    private void WriteChange(ulong xor, ulong sameFrame, int sameFrameBits, ulong newFrame, int newFrameBits)
    {
        var leading = Math.Min(BitOperations.LeadingZeroCount(xor), 31);
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (_frame.IsOpen && leading >= _frame.Leading && trailing >= _frame.Trailing)
        {
            _writer.Write(sameFrame, sameFrameBits);
        }
        else
        {
            _frame = new XorFrame { Leading = (byte)leading, Trailing = (byte)trailing, IsOpen = true };
            var length = (ulong)(64 - leading - trailing) & 0x3F;
            _writer.Write((newFrame << 11) | ((ulong)leading << 6) | length, newFrameBits + 11);
        }

        _writer.WriteWide(xor >> _frame.Trailing, 64 - _frame.Leading - _frame.Trailing);
    }
}
