using System.Text;

namespace PromHost.Api.Tests;

public sealed class RequestParametersTests
{
    [Theory]
    [InlineData("a=1&b=2&a=3", null, "a=1", "b=2", "a=3")]
    [InlineData("a=x+y%20z%2B&&b&=c", null, "a=x y z+", "b=", "=c")]
    [InlineData("a=%zz&b=%C3%A9", "invalid URL escape \"%zz\"", "b=é")]
    [InlineData("a=%2", "invalid URL escape \"%2\"")]
    [InlineData("a=1;b=2&c=3", "invalid semicolon separator in query", "c=3")]
    public void Parse_ReadsAsGoDoes(string text, string? error, params string[] expected)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        UrlEncodedForm.Parse(Encoding.UTF8.GetBytes(text), pairs).Should().Be(error);
        pairs.Select(pair => pair.Key + "=" + pair.Value).Should().Equal(expected);
    }

    [Theory]
    [InlineData("1", 1, null)]
    [InlineData("+5", 5, null)]
    [InlineData("x", 0, "strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("", 0, "strconv.Atoi: parsing \"\": invalid syntax")]
    [InlineData("1.5", 0, "strconv.Atoi: parsing \"1.5\": invalid syntax")]
    [InlineData("99999999999999999999", 0, "strconv.Atoi: parsing \"99999999999999999999\": value out of range")]
    public void TryParseInteger_ReadsAsGoDoes(string text, long expected, string? error)
    {
        GoNumber.TryParseInteger(text, out var value, out var found).Should().Be(error is null);
        found.Should().Be(error);
        if (error is null) value.Should().Be(expected);
    }
}
