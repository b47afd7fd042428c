namespace PromHost.Api.Tests;

public sealed class MemoryEndpointTests
{
    [Fact]
    public async Task Handle_SplitsMemoryByPurpose()
    {
        await using var server = await ApiServer.StartAsync();

        var (_, json) = await server.GetJsonAsync("/api/v1/status/memory");

        var data = json["data"]!;
        data["storage"]!.ToJsonString().Should().Be("{\"series\":100,\"postings\":20,\"total\":120}");
        data["queries"]!.GetValue<long>().Should().Be(0);
        data["gcHeap"]!["used"]!.GetValue<long>().Should().BePositive();
        var committed = data["gcHeap"]!["committed"]!.GetValue<long>();
        var anonymous = data["resident"]!["anonymous"]!.GetValue<long>();
        data["resident"]!["total"]!.GetValue<long>().Should().BeGreaterThan(anonymous);
        data["runtime"]!.GetValue<long>().Should().Be(Math.Max(0, anonymous - 100 - committed));
    }

    [Fact]
    public void Parse_TakesTheLinesOfResidentMemory()
    {
        string[] lines = ["Name:\tpromhost", "VmRSS:\t  123456 kB", "RssAnon:\t  100000 kB", "RssFile:\t   23456 kB"];

        ResidentMemory.Parse(lines).Should().Be(new ResidentMemory(123456L << 10, 100000L << 10, 23456L << 10));
    }
}
