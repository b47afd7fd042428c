using System.Net;
using PromHost.Model;

namespace PromHost.Api.Tests;

public sealed class ExplainTests
{
    [Fact]
    public async Task Plan_AnswersWithTheTreeAlone()
    {
        await using var server = await StartAsync();

        var text = await server.GetTextAsync("/api/v1/query?query=sum(m)&time=1&explain=plan");

        text.Should().Be("{\"status\":\"success\",\"data\":{\"explain\":" +
            Operator("Result", "sum(m)", 0, 6, "1:1", "", "1,\"points\":1,\"samples\":0,\"bytes\":258", "[" +
            Operator("Fold", "sum(m)", 0, 6, "1:1", "", "1,\"points\":1,\"samples\":0,\"bytes\":152", "[" +
            Operator("InstantSelector", "m", 4, 5, "1:5", "\"reads -298.999 to 1\",\"labels are not read\"",
                "2,\"points\":2,\"samples\":40,\"bytes\":956", "[]") + "]") + "]") + "}}");
    }

    [Theory]
    [InlineData("query?query=sum(m)&time=1", "vector")]
    [InlineData("query_range?query=sum(m)&start=1&end=60&step=1", "matrix")]
    public async Task Analyze_AnswersWithTheTreeBesideTheResult(string target, string type)
    {
        await using var server = await StartAsync();

        var (status, json) = await server.GetJsonAsync($"/api/v1/{target}&explain=analyze&stats=true");

        status.Should().Be(HttpStatusCode.OK);
        var data = json["data"]!;
        data["resultType"]!.GetValue<string>().Should().Be(type);
        data["result"]!.AsArray().Should().ContainSingle();
        data["stats"].Should().NotBeNull();
        var fold = data["explain"]!["children"]![0]!;
        fold["operator"]!.GetValue<string>().Should().Be("Fold");
        var scan = fold["children"]![0]!["actual"]!;
        scan["series"]!.GetValue<int>().Should().Be(2);
        scan["milliseconds"]!.GetValue<double>().Should().BeGreaterThanOrEqualTo(0);
        scan["cacheHits"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task Explain_IsRefused_WhenItIsNeither()
    {
        await using var server = await StartAsync();

        var (status, json) = await server.GetJsonAsync("/api/v1/query?query=1&explain=yes");

        status.Should().Be(HttpStatusCode.BadRequest);
        json["error"]!.GetValue<string>().Should().Be(
            "invalid parameter \"explain\": \"yes\" is neither \"plan\" nor \"analyze\"");
    }

    private static string Operator(string name, string text, int start, int end, string place, string details,
        string estimate, string children) =>
        $"{{\"operator\":\"{name}\",\"expression\":\"{text}\",\"position\":{{\"start\":{start},\"end\":{end}," +
        $"\"place\":\"{place}\"}},\"steps\":1,\"details\":[{details}],\"estimated\":{{\"series\":{estimate}}}," +
        $"\"children\":{children}}}";

    private static Task<ApiServer> StartAsync() => ApiServer.StartAsync(new MemoryStorage()
        .Add(Labels.FromPairs(("__name__", "m"), ("a", "1")), new FloatSample(0, 1))
        .Add(Labels.FromPairs(("__name__", "m"), ("a", "2")), new FloatSample(0, 2)));
}
