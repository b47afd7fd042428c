namespace PromHost.Model.Tests;

public class SmokeTests
{
    [Fact]
    public void Runs() => true.Should().BeTrue();
}
