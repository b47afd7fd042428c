namespace PromHost.Chunks.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => true.Should().BeTrue();
}
