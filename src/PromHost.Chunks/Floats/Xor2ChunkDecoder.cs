// Hot path: the loop runs once per sample read by a query.
using System.Buffers.Binary;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// Decodes XOR2 chunks (<see cref="Xor2ChunkEncoder"/> draws the layout) into columns. Any bytes are safe. Stateless.
/// </summary>
public static class Xor2ChunkDecoder
{
    /// <summary>Decodes the first samples of a chunk, whatever its header says.</summary>
    /// <param name="chunk">The chunk's data, beginning with the sample count.</param>
    /// <param name="timestamps">Receives the timestamps in milliseconds; as many as are decoded.</param>
    /// <param name="values">Receives the values with their exact bits; as long.</param>
    /// <param name="startTimestamps">Receives the start timestamps, 0 is unknown; as long.</param>
    /// <param name="hasStartTimestamps">Is any start timestamp known?</param>
    /// <returns>False when the bytes are no chunk of as many samples; the columns then hold nothing of use.</returns>
    public static bool TryDecodeFirst(
        ReadOnlySpan<byte> chunk, Span<long> timestamps, Span<double> values, Span<long> startTimestamps,
        out bool hasStartTimestamps)
    {
        hasStartTimestamps = false;
        if (chunk.Length < Xor2ChunkEncoder.HeaderBytes) return false;
        var starts = chunk[Xor2ChunkEncoder.StartTimestampsOffset];
        hasStartTimestamps = starts != 0;
        var state = new State { Starts = new StartTimestampReader(starts) };
        var reader = new BitReader(chunk, Xor2ChunkEncoder.HeaderBytes * 8);
        for (var i = 0; i < timestamps.Length; i++)
        {
            if (!state.TryRead(ref reader, i) || reader.IsPastEnd) return false;
            timestamps[i] = state.TimestampMs;
            values[i] = BitConverter.UInt64BitsToDouble(state.IsStale ? StaleMarker.Bits : state.ValueBits);
            startTimestamps[i] = state.Starts.StartMs;
        }

        return true;
    }

    /// <summary>Reads the number of samples that the chunk claims; false when it has no header.</summary>
    public static bool TryReadCount(ReadOnlySpan<byte> chunk, out int count)
    {
        var hasHeader = BinaryPrimitives.TryReadUInt16BigEndian(chunk, out var number);
        count = number;
        return hasHeader;
    }

    private ref struct State
    {
        public long TimestampMs;
        public ulong ValueBits;
        public bool IsStale;
        public StartTimestampReader Starts;
        private long _delta;
        private XorFrame _frame;

        public bool TryRead(ref BitReader reader, int index)
        {
            var previousMs = TimestampMs;
            if (index == 0)
            {
                if (!Varbit.TryReadVarint(ref reader, out TimestampMs)) return false;
                ValueBits = reader.Read64();
                IsStale = ValueBits == StaleMarker.Bits;
                if (IsStale) ValueBits = 0;
                previousMs = TimestampMs;
            }
            else if (index == 1)
            {
                if (!Varbit.TryReadUvarint(ref reader, out var delta)) return false;
                _delta = (long)delta;
                TimestampMs += _delta;
                if (!TryReadValue(ref reader)) return false;
            }
            else if (!TryReadJoint(ref reader))
            {
                return false;
            }

            return Starts.TryRead(ref reader, index, previousMs);
        }

        private bool TryReadJoint(ref BitReader reader)
        {
            var control = System.Numerics.BitOperations.LeadingZeroCount(~(reader.Peek() | (ulong.MaxValue >> 5)));
            reader.Skip(Math.Min(control + 1, 5));
            switch (control)
            {
                case 0:
                    IsStale = false;
                    break;
                case 1:
                    TimestampMs += _delta;
                    return TryReadFramed(ref reader, reader.Read(1) == 1);
                case 2:
                    _delta += Signed(reader.Read(13), 13);
                    break;
                case 3:
                    _delta += Signed(reader.Read(20), 20);
                    break;
                case 4:
                    _delta += (long)reader.Read64();
                    break;
                default:
                    IsStale = true;
                    break;
            }

            TimestampMs += _delta;
            return control is 0 or > 4 || TryReadValue(ref reader);
        }

        private bool TryReadValue(ref BitReader reader)
        {
            IsStale = false;
            if (reader.Read(1) == 0) return true;
            if (reader.Read(1) == 0) return TryReadFramed(ref reader, isNewFrame: false);
            if (reader.Read(1) == 0) return TryReadFramed(ref reader, isNewFrame: true);
            IsStale = true;
            return true;
        }

        private bool TryReadFramed(ref BitReader reader, bool isNewFrame)
        {
            IsStale = false;
            if (isNewFrame)
            {
                var leading = (int)reader.Read(5);
                var length = (((int)reader.Read(6) - 1) & 0x3F) + 1;
                if (leading + length > 64) return false;
                _frame = new XorFrame { Leading = (byte)leading, Trailing = (byte)(64 - leading - length) };
            }

            ValueBits ^= Varbit.ReadWide(ref reader, 64 - _frame.Leading - _frame.Trailing) << _frame.Trailing;
            return true;
        }

        private static long Signed(ulong raw, int bits) => (long)(raw << (64 - bits)) >> (64 - bits);
    }
}
