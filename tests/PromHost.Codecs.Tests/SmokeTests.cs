namespace PromHost.Codecs.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => true.Should().BeTrue();
}
