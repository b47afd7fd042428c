using System.Net;
using System.Text.Json.Nodes;
using PromHost.Model;

namespace PromHost.Api.Tests;

public sealed class ActiveQueriesEndpointTests : IDisposable
{
    private readonly ManualResetEventSlim _isReading = new();
    private readonly ManualResetEventSlim _mayRead = new();
    private readonly MemoryStorage _storage = new();

    public ActiveQueriesEndpointTests()
    {
        _storage.Add(Labels.FromPairs(("__name__", "m")), new FloatSample(0, 1));
        _storage.BeforeRead = () =>
        {
            _isReading.Set();
            _mayRead.Wait(ApiServer.Token);
        };
    }

    [Fact]
    public async Task List_ShowsWhatRuns()
    {
        await using var server = await ApiServer.StartAsync(_storage);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, "/api/v1/query_range?query=sum(m)&start=0&end=60&step=0.5");
        request.Headers.Add("User-Agent", "Grafana/12.1");
        request.Headers.Add("X-Dashboard-Uid", "dash");
        request.Headers.Add("X-Panel-Id", "7");
        request.Headers.Add("Authorization", "Bearer secret");
        var running = server.Client.SendAsync(request, ApiServer.Token);
        _isReading.Wait(ApiServer.Token);

        var (status, json) = await server.GetJsonAsync("/api/v1/status/active_queries");

        status.Should().Be(HttpStatusCode.OK);
        var query = json["data"]!.AsArray().Should().ContainSingle().Which!.AsObject();
        query["bytes"]!.GetValue<long>().Should().BePositive();
        query["ageSeconds"]!.GetValue<double>().Should().BeGreaterThanOrEqualTo(0);
        query["client"]!.GetValue<string>().Should().StartWith("127.0.0.1:");
        DateTimeOffset.Parse(query["startedAt"]!.GetValue<string>(), provider: null).Should()
            .BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        foreach (var name in (string[])["bytes", "peakBytes", "ageSeconds", "client", "startedAt"]) query.Remove(name);
        query.ToJsonString().Should().Be(
            """
            {"id":1,"query":"sum(m)","kind":"range","start":0,"end":60,"step":0.500,"priority":"user",
            "state":"running","samples":0,"samplesRead":0,"userAgent":"Grafana/12.1",
            "headers":{"X-Dashboard-Uid":"dash","X-Panel-Id":"7"}}
            """.ReplaceLineEndings(""));
        _mayRead.Set();
        using var response = await running;
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await server.GetTextAsync("/api/v1/status/active_queries")).Should()
            .Be("{\"status\":\"success\",\"data\":[]}");
    }

    [Fact]
    public async Task End_EndsAQuery_WithAnErrorThatSaysSo()
    {
        await using var server = await ApiServer.StartAsync(_storage);
        var running = server.GetTextAsync("/api/v1/query?query=m&time=0");
        _isReading.Wait(ApiServer.Token);

        using var ended = await server.Client.DeleteAsync("/api/v1/status/active_queries/1", ApiServer.Token);
        _mayRead.Set();

        ended.StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await running).Should().Be("{\"status\":\"error\",\"errorType\":\"canceled\",\"error\":\"query was " +
            "canceled in expression evaluation: it was ended by request, through /api/v1/status/active_queries\"}");
    }

    [Fact]
    public async Task End_CutsTheAnswer_WhenTheClientDoesNotReadOn()
    {
        _mayRead.Set();
        for (var i = 0; i < 100; i++)
        {
            var labels = Labels.FromPairs(("__name__", "wide"), ("i", i.ToString(provider: null)));
            _storage.Add(labels, new FloatSample(0, Math.PI));
        }

        await using var server = await ApiServer.StartAsync(_storage);
        using var response = await server.Client.GetAsync(
            "/api/v1/query_range?query=last_over_time(wide[1d])&start=0&end=11000&step=1",
            HttpCompletionOption.ResponseHeadersRead, ApiServer.Token);
        var (_, json) = await server.GetJsonAsync("/api/v1/status/active_queries");
        json["data"]![0]!["state"]!.GetValue<string>().Should().Be("answering");

        using var ended = await server.Client.DeleteAsync("/api/v1/status/active_queries/1", ApiServer.Token);

        ended.StatusCode.Should().Be(HttpStatusCode.NoContent);
        await FluentActions.Awaiting(() => response.Content.ReadAsByteArrayAsync(ApiServer.Token))
            .Should().ThrowAsync<HttpRequestException>();
    }

    [Theory]
    [InlineData("DELETE", "7", HttpStatusCode.NotFound, "not_found", "query 7 is not active, or not any more")]
    [InlineData("DELETE", "x", HttpStatusCode.BadRequest, "bad_data",
        "invalid parameter \"id\": \"x\" is not the number of a query")]
    public async Task End_Refuses_WhatIsNoQuery(
        string method, string id, HttpStatusCode status, string type, string error)
    {
        await using var server = await ApiServer.StartAsync(_storage);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1/status/active_queries/" + id);

        using var response = await server.Client.SendAsync(request, ApiServer.Token);

        response.StatusCode.Should().Be(status);
        var json = JsonNode.Parse(await response.Content.ReadAsStringAsync(ApiServer.Token))!;
        json["errorType"]!.GetValue<string>().Should().Be(type);
        json["error"]!.GetValue<string>().Should().Be(error);
    }

    public void Dispose()
    {
        _mayRead.Set();
        _isReading.Dispose();
        _mayRead.Dispose();
    }
}
