using System.Net;
using PromHost.Model;

namespace PromHost.Api.Tests;

public sealed class ExemplarsEndpointTests
{
    // The first is Grafana's probe, which sends milliseconds as seconds.
    [Theory]
    [InlineData("query=test&start=1795211001502&end=1795211061502")]
    [InlineData("query=rate(up[5m])%2B1&start=1&end=2")]
    [InlineData("query=up")]
    public async Task Handle_AnswersAnEmptyList(string parameters)
    {
        await using var server = await ApiServer.StartAsync();
        (await server.GetTextAsync("/api/v1/query_exemplars?" + parameters))
            .Should().Be("{\"status\":\"success\",\"data\":[]}");
        var (status, text) = await server.PostFormAsync("/api/v1/query_exemplars", parameters);
        status.Should().Be(HttpStatusCode.OK);
        text.Should().Be("{\"status\":\"success\",\"data\":[]}");
    }

    [Fact]
    public async Task Handle_WritesExemplarsAsPrometheus()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.Exemplars =
        [
            new(Labels.FromPairs(("__name__", "a"), ("job", "<x>")), [
                new(Labels.FromPairs(("trace_id", "t1"), ("b", "c")), 1_600_096_945_479, 6),
                new(default, 1_600_096_955_000, double.NaN)]),
            new(Labels.FromPairs(("__name__", "b")), [new(Labels.FromPairs(("trace_id", "t2")), -1500, 0.25)]),
        ];

        var text = await server.GetTextAsync("/api/v1/query_exemplars?query=rate(a[1m])%2Bb{c!=\"d\"}&start=1&end=2.5");

        text.Should().Be("""
            {"status":"success","data":[{"seriesLabels":{"__name__":"a","job":"<x>"},"exemplars":[
            {"labels":{"b":"c","trace_id":"t1"},"value":"6","timestamp":1600096945.479},
            {"labels":{},"value":"NaN","timestamp":1600096955}]},
            {"seriesLabels":{"__name__":"b"},"exemplars":[
            {"labels":{"trace_id":"t2"},"value":"0.25","timestamp":-1.500}]}]}
            """.ReplaceLineEndings(""));
        server.Storage.AskedExemplars.Should()
            .Be((1000, 2500, "__name__=\"a\" c!=\"d\",__name__=\"b\""));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    public async Task Handle_AnswersNothing_WhenNothingIsSelected(string coding)
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/query_exemplars?query=1%2B1");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", coding);
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await response.Content.ReadAsByteArrayAsync(ApiServer.Token)).Should().BeEmpty();
        response.Content.Headers.ContentType.Should().BeNull();
    }

    [Theory]
    [InlineData("query=up&start=2&end=1", "end timestamp must not be before start timestamp")]
    [InlineData("query=up{", "1:4: parse error: unexpected end of input inside braces")]
    [InlineData("query=up&start=x",
        "invalid parameter \"start\": invalid time value for 'start': cannot parse \"x\" to a valid timestamp")]
    public async Task Handle_NamesWhatIsWrong(string parameters, string error)
    {
        await using var server = await ApiServer.StartAsync();
        var (status, json) = await server.GetJsonAsync("/api/v1/query_exemplars?" + parameters);
        status.Should().Be(HttpStatusCode.BadRequest);
        json["error"]!.GetValue<string>().Should().Be(error);
    }
}
