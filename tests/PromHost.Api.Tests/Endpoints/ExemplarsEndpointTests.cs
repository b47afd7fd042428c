using System.Net;

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
