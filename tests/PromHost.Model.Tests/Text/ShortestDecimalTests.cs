using System.Globalization;

namespace PromHost.Model.Tests;

public class ShortestDecimalTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(1000, 1, 3)]
    [InlineData(0.1, 1, -1)]
    [InlineData(0.3, 3, -1)]
    [InlineData(123.456, 123456, -3)]
    [InlineData(5e-324, 5, -324)]
    [InlineData(2.2250738585072014e-308, 22250738585072014, -324)]
    [InlineData(2.225073858507201e-308, 2225073858507201, -323)]
    [InlineData(double.MaxValue, 17976931348623157, 292)]
    [InlineData(9007199254740992, 9007199254740992, 0)]
    [InlineData(1e23, 1, 23)]
    [InlineData(9.5e-3, 95, -4)]
    [InlineData(2.98023223876953125e-8, 29802322387695312, -24)]
    public void Of_FindsTheFewestDigits(double value, ulong digits, int exponent)
    {
        ShortestDecimal.Of(value, out var found).Should().Be(digits);
        found.Should().Be(exponent);
        ShortestDecimal.Of(-value, out found).Should().Be(digits);
    }

    [Fact]
    public void Of_AgreesWithTheRuntime_OnAllKindsOfNumbers()
    {
        var random = new Random(20261120);
        for (var i = 0; i < 300_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64(0x7ff0000000000000));
            Check((i % 6) switch
            {
                0 => value,
                1 => Math.Round(random.NextDouble() * 1000, i % 12),
                2 => random.NextDouble(),
                3 => BitConverter.Int64BitsToDouble((long)random.Next(0x7ff) << 52),
                4 => BitConverter.Int64BitsToDouble(random.NextInt64(1L << (i % 52))),
                _ => Math.Pow(10, random.Next(-323, 309)) * random.Next(1, 1000),
            });
        }
    }

    private static void Check(double value)
    {
        if (!double.IsFinite(value)) return;
        var digits = ShortestDecimal.Of(value, out var exponent);
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        // The runtime's text of two powers of two, 2^-25 for one, reads back to the number below.
        if (double.Parse(shortest, CultureInfo.InvariantCulture) != value) return;
        double.Parse($"{digits}E{exponent}", CultureInfo.InvariantCulture).Should().Be(value, text);
        var plain = new string([.. shortest.TakeWhile(c => c != 'E').Where(char.IsAsciiDigit)]).Trim('0');
        digits.ToString(CultureInfo.InvariantCulture).TrimEnd('0').Should().Be(plain, text);
    }
}
