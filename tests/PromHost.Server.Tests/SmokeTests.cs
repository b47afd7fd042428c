namespace PromHost.Server.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => true.Should().BeTrue();
}
