using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PromHost.Model.Tests;

public class DecimalDigitsTests
{
    [Fact]
    public void EightDigits_AndSixteenAtOnce_AreThoseOfTheNumber()
    {
        var random = new Random(17);
        Span<byte> text = stackalloc byte[8 + DecimalDigits.TouchedBytes];
        for (var i = 0; i < 20_000; i++)
        {
            var number = (ulong)random.NextInt64(i % 4 == 0 ? 100 : 100_000_000);
            BinaryPrimitives.WriteUInt64LittleEndian(text, DecimalDigits.EightDigits(number));
            Encoding.ASCII.GetString(text[..8]).Should().Be(number.ToString("D8", CultureInfo.InvariantCulture));

            number = (ulong)random.NextInt64((long)Math.Pow(10, random.Next(1, 18)));
            var expected = number.ToString(CultureInfo.InvariantCulture);
            var digits = new DecimalDigits(number);
            digits.CopyTo(text);
            Encoding.ASCII.GetString(text[..digits.Count]).Should().Be(expected);
            var from = random.Next(1, digits.Count + 1);
            digits.CopyRestTo(text, from);
            Encoding.ASCII.GetString(text[..(digits.Count - from)]).Should().Be(expected[from..]);
        }
    }
}
