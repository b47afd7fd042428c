namespace PromHost.House.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => true.Should().BeTrue();
}
