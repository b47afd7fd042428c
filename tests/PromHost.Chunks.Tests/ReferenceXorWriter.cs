using System.Globalization;
using System.Numerics;
using System.Text;

namespace PromHost.Chunks.Tests;

/// <summary>The format description turned into a string of zeros and ones: slow and plain on purpose.</summary>
internal static class ReferenceXorWriter
{
    public static byte[] Encode(long[] timestamps, double[] values)
    {
        var bits = new StringBuilder(Bits((ulong)timestamps.Length, 16));
        var frame = (Leading: 0, Trailing: 0);
        var hasFrame = false;
        for (var i = 0; i < timestamps.Length; i++)
        {
            var valueBits = BitConverter.DoubleToUInt64Bits(values[i]);
            if (i == 0)
            {
                bits.Append(Uvarint((ulong)((timestamps[0] << 1) ^ (timestamps[0] >> 63)))).Append(Bits(valueBits, 64));
                continue;
            }

            var delta = unchecked(timestamps[i] - timestamps[i - 1]);
            bits.Append(i == 1
                ? Uvarint((ulong)delta)
                : Change(unchecked(delta - (timestamps[i - 1] - timestamps[i - 2]))));

            var xor = valueBits ^ BitConverter.DoubleToUInt64Bits(values[i - 1]);
            var leading = Math.Min(31, BitOperations.LeadingZeroCount(xor));
            var trailing = BitOperations.TrailingZeroCount(xor);
            if (xor == 0)
            {
                bits.Append('0');
                continue;
            }

            if (hasFrame && leading >= frame.Leading && trailing >= frame.Trailing)
            {
                bits.Append("10");
            }
            else
            {
                frame = (leading, trailing);
                hasFrame = true;
                bits.Append("11").Append(Bits((ulong)leading, 5)).Append(Bits((ulong)(64 - leading - trailing), 6));
            }

            bits.Append(Bits(xor >> frame.Trailing, 64 - frame.Leading - frame.Trailing));
        }

        bits.Append('0', (8 - (bits.Length % 8)) % 8);
        var text = bits.ToString();
        return [.. Enumerable.Range(0, text.Length / 8).Select(i => Convert.ToByte(text.Substring(i * 8, 8), 2))];
    }

    private static string Change(long change) => change switch
    {
        0 => "0",
        >= -8191 and <= 8192 => "10" + Bits((ulong)change, 14),
        >= -65535 and <= 65536 => "110" + Bits((ulong)change, 17),
        >= -524287 and <= 524288 => "1110" + Bits((ulong)change, 20),
        _ => "1111" + Bits((ulong)change, 64),
    };

    private static string Bits(ulong value, int count) =>
        ((BigInteger)value + BigInteger.Pow(2, 65)).ToString("B", CultureInfo.InvariantCulture)[^count..];

    private static string Uvarint(ulong value)
    {
        var text = new StringBuilder();
        for (; value >= 0x80; value >>= 7)
            text.Append(Bits(value | 0x80, 8));
        return text.Append(Bits(value, 8)).ToString();
    }
}
