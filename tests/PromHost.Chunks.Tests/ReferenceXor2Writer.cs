using System.Globalization;
using System.Numerics;
using System.Text;

namespace PromHost.Chunks.Tests;

/// <summary>The format description turned into a string of zeros and ones: slow and plain on purpose.</summary>
internal sealed class ReferenceXor2Writer
{
    private const ulong Stale = 0x7FF0000000000002;

    private readonly StringBuilder _bits = new();
    private ulong _value;
    private (int Leading, int Trailing)? _frame;

    public static byte[] Encode(long[] timestamps, long[] starts, double[] values) =>
        new ReferenceXor2Writer().Write(timestamps, starts, values);

    private byte[] Write(long[] timestamps, long[] starts, double[] values)
    {
        var firstChange = 0;
        var lastAge = 0L;
        for (var i = 0; i < timestamps.Length; i++)
        {
            WriteSample(timestamps, values, i);
            if (i == 0)
            {
                if (starts[0] != 0) _bits.Append(Varint(timestamps[0] - starts[0]));
            }
            else if (firstChange > 0 || starts[i] != starts[i - 1] || i == 127)
            {
                var age = timestamps[i - 1] - starts[i];
                _bits.Append(Varbit(firstChange > 0 ? age - lastAge : age));
                lastAge = age;
                if (firstChange == 0) firstChange = i;
            }
        }

        _bits.Insert(0, Bits((ulong)timestamps.Length, 16) + (starts is [not 0, ..] ? "1" : "0")
            + Bits((ulong)firstChange, 7));
        _bits.Append('0', (8 - (_bits.Length % 8)) % 8);
        var text = _bits.ToString();
        return [.. Enumerable.Range(0, text.Length / 8).Select(i => Convert.ToByte(text.Substring(i * 8, 8), 2))];
    }

    private void WriteSample(long[] timestamps, double[] values, int i)
    {
        var value = BitConverter.DoubleToUInt64Bits(values[i]);
        if (i == 0)
        {
            _bits.Append(Varint(timestamps[0])).Append(Bits(value, 64));
        }
        else
        {
            var delta = timestamps[i] - timestamps[i - 1];
            var change = i == 1 ? 0 : delta - (timestamps[i - 1] - timestamps[i - 2]);
            if (i == 1)
            {
                _bits.Append(Uvarint((ulong)delta));
                WriteValue(value, "0", "10", "110", "111");
            }
            else if (change == 0)
            {
                WriteValue(value, "0", "100", "101", "11111");
            }
            else
            {
                _bits.Append(Change(change));
                WriteValue(value, "0", "10", "110", "111");
            }
        }

        if (value != Stale) _value = value;
    }

    private void WriteValue(ulong value, string same, string sameFrame, string newFrame, string stale)
    {
        if (value == Stale || value == _value)
        {
            _bits.Append(value == Stale ? stale : same);
            return;
        }

        var xor = value ^ _value;
        var leading = Math.Min(31, BitOperations.LeadingZeroCount(xor));
        var trailing = BitOperations.TrailingZeroCount(xor);
        if (_frame is { } frame && leading >= frame.Leading && trailing >= frame.Trailing)
        {
            _bits.Append(sameFrame);
        }
        else
        {
            _frame = frame = (leading, trailing);
            _bits.Append(newFrame).Append(Bits((ulong)leading, 5)).Append(Bits((ulong)(64 - leading - trailing), 6));
        }

        _bits.Append(Bits(xor >> frame.Trailing, 64 - frame.Leading - frame.Trailing));
    }

    private static string Change(long change) => change switch
    {
        >= -4096 and <= 4095 => "110" + Bits((ulong)change, 13),
        >= -524288 and <= 524287 => "1110" + Bits((ulong)change, 20),
        _ => "11110" + Bits((ulong)change, 64),
    };

    private static string Varbit(long value) => value switch
    {
        0 => "0",
        >= -3 and <= 4 => "10" + Bits((ulong)value, 3),
        >= -31 and <= 32 => "110" + Bits((ulong)value, 6),
        >= -255 and <= 256 => "1110" + Bits((ulong)value, 9),
        >= -2047 and <= 2048 => "11110" + Bits((ulong)value, 12),
        >= -131071 and <= 131072 => "111110" + Bits((ulong)value, 18),
        >= -16777215 and <= 16777216 => "1111110" + Bits((ulong)value, 25),
        >= -36028797018963967 and <= 36028797018963968 => "11111110" + Bits((ulong)value, 56),
        _ => "11111111" + Bits((ulong)value, 64),
    };

    private static string Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

    private static string Uvarint(ulong value)
    {
        var bytes = new StringBuilder();
        for (; value >= 0x80; value >>= 7) bytes.Append(Bits((value & 0x7F) | 0x80, 8));
        return bytes.Append(Bits(value, 8)).ToString();
    }

    private static string Bits(ulong value, int count)
    {
        var text = value.ToString("B64", CultureInfo.InvariantCulture);
        return text[(64 - count)..];
    }
}
