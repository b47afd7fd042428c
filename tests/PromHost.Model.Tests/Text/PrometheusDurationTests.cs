namespace PromHost.Model.Tests;

public class PrometheusDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1y2w3d4h5m6s7ms", 33_019_506_007)]
    public void TryParse_ReadsUnits(string text, long expectedMs)
    {
        PrometheusDuration.TryParse(text, out var durationMs, out var error).Should().BeTrue(error);
        durationMs.Should().Be(expectedMs);
    }

    [Theory]
    [InlineData("", "empty duration string")]
    [InlineData("5", "not a valid duration string: \"5\"")]
    [InlineData("1m1h", "not a valid duration string: \"1m1h\"")]
    [InlineData("1m1m", "not a valid duration string: \"1m1m\"")]
    [InlineData("-5m", "not a valid duration string: \"-5m\"")]
    [InlineData("1.5h", "unknown unit \".\" in duration \"1.5h\"")]
    [InlineData("5y1hs", "unknown unit \"hs\" in duration \"5y1hs\"")]
    [InlineData("300y", "duration out of range")]
    public void TryParse_SaysWhatIsWrong(string text, string expected)
    {
        PrometheusDuration.TryParse(text, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(5_400_000, "1h30m")]
    [InlineData(90_000_000, "1d1h")]
    [InlineData(604_800_000, "1w")]
    [InlineData(691_200_000, "8d")]
    [InlineData(1, "1ms")]
    public void Format_UsesTheFewestUnits(long durationMs, string expected) =>
        PrometheusDuration.Format(durationMs).Should().Be(expected);
}
