using System.Text.Json;
using PromHost.Conformance.Tests;

namespace PromHost.Api.Tests;

public sealed class RequestTimeTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2015-06-03T13:21:58.555Z", 1433337718555)]
    [InlineData("2015-06-03T14:21:58.5559999+01:00", 1433337718555)]
    [InlineData("1969-12-31T23:59:59.999Z", -1)]
    [InlineData("2000-02-29T00:00:00-00:30", 951784200000)]
    [InlineData("9999-12-31T23:59:59Z", 253402300799000)]
    [InlineData("0000-01-01T00:00:00Z", -62167219200000)]
    [InlineData("1.7e12", 1700000000000000)]
    [InlineData("-1.001", -1001)]
    [InlineData("1.057", 1057)]
    [InlineData("1e18", long.MaxValue)]
    [InlineData("-1e18", long.MinValue)]
    [InlineData("+Inf", long.MaxValue)]
    [InlineData("-292273086-05-16T16:47:06Z", RequestTime.MinMs)]
    [InlineData("292277025-08-18T07:12:54.999999999Z", RequestTime.MaxMs)]
    public void TryParseTime_Reads(string text, long expectedMs)
    {
        RequestTime.TryParseTime(text, out var timestampMs).Should().BeTrue();
        timestampMs.Should().Be(expectedMs);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("1e999")]
    [InlineData("1 ")]
    [InlineData("1_000")]
    [InlineData("1,5")]
    [InlineData(".")]
    [InlineData("2015-06-03")]
    [InlineData("2015-06-31T00:00:00Z")]
    [InlineData("2015-13-01T00:00:00Z")]
    [InlineData("2015-02-29T00:00:00Z")]
    [InlineData("2015-06-03T13:21:58")]
    [InlineData("2015-06-03T13:21:58.Z")]
    [InlineData("2015-06-03T24:00:00Z")]
    [InlineData("2015-06-03T13:21:58+1:00")]
    public void TryParseTime_Refuses(string text) => RequestTime.TryParseTime(text, out _).Should().BeFalse();

    [Theory]
    [InlineData("0.5", 500_000_000)]
    [InlineData("-5", -5_000_000_000)]
    [InlineData("1h30m", 5_400_000_000_000)]
    public void TryParseDuration_Reads(string text, long expected)
    {
        RequestTime.TryParseDuration(text, out var nanoseconds, out _).Should().BeTrue();
        nanoseconds.Should().Be(expected);
    }

    [Theory]
    [InlineData("148966367200.372", "cannot parse \"148966367200.372\" to a valid duration. It overflows int64")]
    [InlineData("x", "cannot parse \"x\" to a valid duration")]
    [InlineData("", "cannot parse \"\" to a valid duration")]
    public void TryParseDuration_Refuses(string text, string expected)
    {
        RequestTime.TryParseDuration(text, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
    }

    [Fact]
    public void TryParse_AgreesWithTheCorpus()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllText(ConformanceFolder.Require("api/parameters.json")));
        foreach (var item in corpus.RootElement.GetProperty("cases").EnumerateArray())
        {
            var text = item.GetProperty("input").GetString()!;
            var isTime = string.Equals(item.GetProperty("kind").GetString(), "time", StringComparison.Ordinal);
            long value;
            var ok = isTime
                ? RequestTime.TryParseTime(text, out value)
                : RequestTime.TryParseDuration(text, out value, out _);
            ok.Should().Be(item.GetProperty("ok").GetBoolean(), text);
            if (!ok) continue;
            var expected = item.GetProperty(isTime ? "unix_ms" : "ms").GetInt64();
            value.Should().Be(isTime ? expected : expected * 1_000_000, text);
        }
    }
}
