namespace PromHost.Model.Tests;

public class GoFloatTests
{
    [Theory]
    [InlineData(0, "0", "0", "0")]
    [InlineData(-0.0, "-0", "-0", "-0")]
    [InlineData(1.5, "1.5", "1.5", "1.5")]
    [InlineData(-12345.678, "-12345.678", "-12345.678", "-12345.678")]
    [InlineData(100, "100", "100", "100")]
    [InlineData(1e20, "100000000000000000000", "100000000000000000000", "1e+20")]
    [InlineData(1e21, "1000000000000000000000", "1e+21", "1e+21")]
    [InlineData(1.25e22, "12500000000000000000000", "1.25e+22", "1.25e+22")]
    [InlineData(0.000001, "0.000001", "0.000001", "1e-06")]
    [InlineData(0.00000099, "0.00000099", "9.9e-07", "9.9e-07")]
    [InlineData(0.0001, "0.0001", "0.0001", "0.0001")]
    [InlineData(0.1, "0.1", "0.1", "0.1")]
    [InlineData(double.NaN, "NaN", "NaN", "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf", "+Inf", "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf", "-Inf", "-Inf")]
    [InlineData(123456789012345680, "123456789012345680", "123456789012345680", "1.2345678901234568e+17")]
    [InlineData(999999, "999999", "999999", "999999")]
    [InlineData(1234567, "1234567", "1234567", "1.234567e+06")]
    [InlineData(1.7976931348623157e308, null, "1.7976931348623157e+308", "1.7976931348623157e+308")]
    [InlineData(5e-324, null, "5e-324", "5e-324")]
    public void Format_WritesAsGoDoes(double value, string? plain, string json, string general)
    {
        if (plain is not null) GoFloat.FormatPlain(value).Should().Be(plain);
        GoFloat.FormatJson(value).Should().Be(json);
        GoFloat.FormatGeneral(value).Should().Be(general);
    }

    [Fact]
    public void FormatPlain_FitsItsBuffer_AtTheExtremes()
    {
        GoFloat.FormatPlain(-double.MaxValue).Should().HaveLength(310);
        GoFloat.FormatPlain(-double.Epsilon).Length.Should().BeLessThanOrEqualTo(GoFloat.MaxSizeBytes);
        GoFloat.FormatPlain(-2.2250738585072014e-308).Length.Should().BeLessThanOrEqualTo(GoFloat.MaxSizeBytes);
    }

    [Fact]
    public void FormatJson_ReadsBackToTheSameBits()
    {
        var random = new Random(42);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (!double.IsFinite(value)) continue;
            double.Parse(GoFloat.FormatJson(value), System.Globalization.CultureInfo.InvariantCulture)
                .Should().Be(value);
        }
    }

    [Theory]
    [InlineData(0.001, "0.001")]
    [InlineData(0.5, "0.5")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(0.01, "0.01")]
    [InlineData(7.05, "7.05")]
    [InlineData(120.45, "120.45")]
    [InlineData(-98765.43, "-98765.43")]
    [InlineData(999999.999, "999999.999")]
    [InlineData(999999999999.999, "999999999999.999")]
    [InlineData(1000000000000.001, "1000000000000.001")]
    [InlineData(0.0015, "0.0015")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    [InlineData(2.0010000000000003, "2.0010000000000003")]
    public void FormatJson_WritesTheShortestDigits_OfFewDecimals(double value, string text) =>
        GoFloat.FormatJson(value).Should().Be(text);

    [Fact]
    public void FormatJson_WritesTheShortestDigits_OfWhatIsNearADecimal()
    {
        var random = new Random(43);
        for (var i = 0; i < 10_000; i++)
        {
            var decimals = Math.Round(random.NextDouble() * Math.Pow(10, random.Next(1, 13)), random.Next(1, 5));
            double[] near = [decimals, Math.BitIncrement(decimals), Math.BitDecrement(decimals), -decimals];
            foreach (var value in near)
            {
                // The runtime's shortest digits, which are written with an exponent at other sizes only.
                var expected = value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                if (expected.Contains('E')) continue;
                GoFloat.FormatJson(value).Should().Be(expected);
            }
        }
    }
}
