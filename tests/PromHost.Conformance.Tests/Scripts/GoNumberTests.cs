namespace PromHost.Conformance.Tests;

public class GoNumberTests
{
    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("010", 8.0)]
    [InlineData("-0x1F", -31.0)]
    [InlineData("0b101", 5.0)]
    [InlineData("0o17", 15.0)]
    [InlineData("0.00001234", 0.00001234)]
    [InlineData("089", 89.0)]
    [InlineData("1e3", 1000.0)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("NaN", double.NaN)]
    public void TryParse_ReadsAsGo(string text, double expected)
    {
        GoNumber.TryParse(text, out var value).Should().BeTrue();
        value.Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("up 1")]
    [InlineData("0x")]
    [InlineData("-NaN")]
    public void TryParse_Refuses(string text) => GoNumber.TryParse(text, out _).Should().BeFalse();
}
