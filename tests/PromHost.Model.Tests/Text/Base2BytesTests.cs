namespace PromHost.Model.Tests;

public class Base2BytesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512MB", 512L << 20)]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("1GiB512MiB", 1536L << 20)]
    [InlineData("1.5GB", 1536L << 20)]
    [InlineData("100B", 100)]
    [InlineData("-1KB", -1024)]
    public void TryParse_ReadsPowersOf1024(string text, long expected)
    {
        Base2Bytes.TryParse(text, out var bytes, out var error).Should().BeTrue();

        bytes.Should().Be(expected);
        error.Should().BeNull();
    }

    [Theory]
    [InlineData("", "units: invalid ")]
    [InlineData("10", "units: missing unit in 10")]
    [InlineData("10XB", "units: unknown unit XB in 10XB")]
    [InlineData("1KiB1KB", "units: unknown unit KiB in 1KiB1KB")]
    [InlineData("MB", "units: invalid MB")]
    [InlineData("8EB", "units: overflow parsing unit")]
    public void TryParse_SaysWhatIsWrong_InPrometheusWords(string text, string expected)
    {
        Base2Bytes.TryParse(text, out _, out var error).Should().BeFalse();

        error.Should().Be(expected);
    }

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1, "1B")]
    [InlineData(512L << 20, "512MiB")]
    [InlineData((1536L << 20) + 1, "1GiB512MiB1B")]
    [InlineData(long.MaxValue, "7EiB1023PiB1023TiB1023GiB1023MiB1023KiB1023B")]
    public void Format_WritesAsPrometheus(long bytes, string expected) =>
        Base2Bytes.Format(bytes).Should().Be(expected);
}
