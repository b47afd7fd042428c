namespace PromHost.Api.Tests;

public sealed class LabelNamePathTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("U__junk_0a__7b__7d__2c__3d_:_20__20_chars", "junk\n{},=:  chars")]
    [InlineData("U__a__b", "a_b")]
    [InlineData("U__host_2E_name", "host.name")]
    [InlineData("U__", "")]
    [InlineData("U__a_", "U__a_")]
    [InlineData("U__a_zz_", "U__a_zz_")]
    [InlineData("U__a_d800_", "U__a_d800_")]
    [InlineData("U__a_1234567_", "U__a_1234567_")]
    public void Unescape_UndoesTheEscaping(string name, string expected) =>
        LabelNamePath.Unescape(name).Should().Be(expected);
}
