using System.Net;
using System.Text.Json.Nodes;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Api.Tests;

// The expected texts are what Prometheus 3.5.3 answers.
public sealed class QueryEndpointsTests
{
    [Theory]
    [InlineData("query=1e-7&time=1000.5", "{\"resultType\":\"scalar\",\"result\":[1000.5,\"0.0000001\"]}")]
    [InlineData("query=1.5e21&time=0.001", "{\"resultType\":\"scalar\",\"result\":[0.001,\"1500000000000000000000\"]}")]
    [InlineData("query=0*-1&time=1", "{\"resultType\":\"scalar\",\"result\":[1,\"-0\"]}")]
    [InlineData("query=small&time=1",
        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"small\"},\"value\":[1,\"1e-07\"]}]}")]
    [InlineData("query=small&time=1.057",
        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"small\"},\"value\":[1.057,\"1e-07\"]}]}")]
    [InlineData("query=small&time=-1.100",
        "{\"resultType\":\"vector\",\"result\":[{\"metric\":{\"__name__\":\"small\"},\"value\":[-1.100,\"1e-07\"]}]}")]
    [InlineData("query='<\\b>'&time=1000.5",
        "{\"resultType\":\"string\",\"result\":[1000.5,\"\\u003c\\b\\u003e\"]}")]
    [InlineData("query=nothing", "{\"resultType\":\"vector\",\"result\":[]}")]
    public async Task Query_WritesResults(string parameters, string data)
    {
        var storage = new MemoryStorage().Add(Labels.FromPairs(("__name__", "small")), new FloatSample(-2000, 1e-7));
        await using var server = await ApiServer.StartAsync(storage);
        var expected = "{\"status\":\"success\",\"data\":" + data + "}";
        (await server.GetTextAsync("/api/v1/query?" + parameters.Replace("\\", "%5C", StringComparison.Ordinal)))
            .Should().Be(expected);
        var (status, text) = await server.PostFormAsync("/api/v1/query", parameters);
        status.Should().Be(HttpStatusCode.OK);
        text.Should().Be(expected);
    }

    [Theory]
    [InlineData("query?query=foo{", "invalid parameter \"query\": 1:5: parse error: unexpected end of input inside " +
        "braces")]
    [InlineData("query", "invalid parameter \"query\": unknown position: parse error: no expression found in input")]
    [InlineData("query?query=1&limit=x", "invalid parameter \"limit\": strconv.Atoi: parsing \"x\": " +
        "invalid syntax")]
    [InlineData("query?query=1&timeout=x", "invalid parameter \"timeout\": cannot parse \"x\" to a valid duration")]
    [InlineData("query?query=1&lookback_delta=x", "error parsing lookback delta duration: cannot parse \"x\" to a " +
        "valid duration")]
    [InlineData("query_range?query=1&start=0&end=11001&step=1", "exceeded maximum resolution of 11,000 points per " +
        "timeseries. Try decreasing the query resolution (?step=XX)")]
    [InlineData("query_range?query=1&start=5&end=4&step=1", "invalid parameter \"end\": end timestamp must not be " +
        "before start time")]
    [InlineData("query_range?query=1&start=&end=4&step=1", "invalid parameter \"start\": cannot parse \"\" to a " +
        "valid timestamp")]
    [InlineData("query_range?query=1&start=1&end=4&step=0", "invalid parameter \"step\": zero or negative query " +
        "resolution step widths are not accepted. Try a positive integer")]
    [InlineData("query_range?query=1&start=1&end=4&step=x", "invalid parameter \"step\": cannot parse \"x\" to a " +
        "valid duration")]
    [InlineData("query_range?query=up[5m]&start=1&end=4&step=1", "invalid parameter \"query\": invalid expression " +
        "type \"range vector\" for range query, must be Scalar or instant Vector")]
    public async Task Query_NamesWhatIsWrong(string target, string error)
    {
        await using var server = await ApiServer.StartAsync();
        var (status, json) = await server.GetJsonAsync("/api/v1/" + target);
        status.Should().Be(HttpStatusCode.BadRequest);
        json["errorType"]!.GetValue<string>().Should().Be("bad_data");
        json["error"]!.GetValue<string>().Should().Be(error);
    }

    [Fact]
    public async Task QueryRange_AnswersElevenThousandPoints_InPieces()
    {
        var storage = new MemoryStorage();
        for (var i = 0; i < 20; i++)
            storage.Add(Labels.FromPairs(("__name__", "m"), ("i", $"{i:00}")), new FloatSample(0, i + 0.5));
        await using var server = await ApiServer.StartAsync(storage);
        var (status, json) = await server.GetJsonAsync(
            "/api/v1/query_range?query=m&start=0&end=11000.5&step=1&lookback_delta=12000");
        status.Should().Be(HttpStatusCode.OK);
        var result = json["data"]!["result"]!.AsArray();
        result.Should().HaveCount(20);
        for (var i = 0; i < 20; i++)
        {
            var values = result[i]!["values"]!.AsArray();
            values.Should().HaveCount(11001);
            values.Select(point => point![0]!.GetValue<double>()).Should().Equal(Enumerable.Range(0, 11001)
                .Select(second => (double)second));
            values.Should().OnlyContain(point => point![1]!.GetValue<string>() == $"{i}.5");
        }
    }

    [Fact]
    public async Task Query_WarnsOfTruncation_AndOldStats()
    {
        var storage = new MemoryStorage().Add(Labels.FromPairs(("__name__", "a")), new FloatSample(1000, 1))
            .Add(Labels.FromPairs(("__name__", "b")), new FloatSample(1000, 1));
        await using var server = await ApiServer.StartAsync(storage);
        var (_, json) = await server.GetJsonAsync("/api/v1/query?query={__name__!=\"\"}&time=1&limit=1&stats=1");
        json["data"]!["result"]!.AsArray().Should().HaveCount(1);
        json["warnings"]!.AsArray().Select(warning => warning!.GetValue<string>()).Should().Equal(
            "results truncated due to limit",
            "value \"1\" for parameter \"stats\" is deprecated and will be rejected in the next major release, use " +
            "\"true\" or \"all\"");
        json["data"]!["stats"]!["samples"]!.AsObject().Select(field => field.Key)
            .Should().Equal("totalQueryableSamples", "samplesRead", "peakSamples");
        (_, json) = await server.GetJsonAsync("/api/v1/query?query={__name__!=\"\"}&time=1&limit=2&stats=all");
        json["warnings"].Should().BeNull();
    }

    [Fact]
    public async Task Query_CountsSamplesAtEachStep_WhenAskedForAllStatistics()
    {
        var storage = new MemoryStorage().Add(Labels.FromPairs(("__name__", "a")), new FloatSample(1000, 1));
        await using var server = await ApiServer.StartAsync(storage);

        var (_, json) = await server.GetJsonAsync("/api/v1/query_range?query=a&start=0.5&end=2.5&step=1&stats=all");
        json["data"]!["stats"]!["samples"]!.ToJsonString().Should().Be(
            """{"totalQueryableSamplesPerStep":[[0.5,0],[1.5,1],[2.5,1]],"totalQueryableSamples":2""" +
            ""","samplesReadPerStep":[[0.5,0],[1.5,1],[2.5,1]],"samplesRead":2,"peakSamples":2}""");

        (_, json) = await server.GetJsonAsync("/api/v1/query_range?query=a&start=0.5&end=2.5&step=1&stats=true");
        json["data"]!["stats"]!["samples"]!.AsObject().Select(field => field.Key)
            .Should().Equal("totalQueryableSamples", "samplesRead", "peakSamples");
    }

    [Fact]
    public async Task Query_MapsFailures()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.ReadFailure = new StorageReadException("chunk is damaged");
        await ExpectAsync(server, HttpStatusCode.InternalServerError, "internal", "chunk is damaged");
        server.Storage.ReadFailure = new StorageUnavailableException("TSDB not ready", null);
        await ExpectAsync(server, HttpStatusCode.InternalServerError, "unavailable", "TSDB not ready");
        server.Storage.ReadFailure = new InvalidOperationException("some random error");
        await ExpectAsync(server, HttpStatusCode.UnprocessableEntity, "execution", "some random error");
        server.Storage.ReadFailure = new PromQL.QueryException(PromQL.QueryErrorKind.Canceled, "query was canceled");
        await ExpectAsync(server, (HttpStatusCode)499, "canceled", "query was canceled");
        server.Storage.ReadFailure = null;
    }

    [Theory]
    [InlineData("query=up&timeout=-5")]
    [InlineData("query=1&timeout=0")]
    public async Task Query_TimesOut_WhenItsTimeIsOverAlready(string parameters)
    {
        await using var server = await ApiServer.StartAsync();
        var (status, json) = await server.GetJsonAsync("/api/v1/query?" + parameters);
        status.Should().Be(HttpStatusCode.ServiceUnavailable);
        json["errorType"]!.GetValue<string>().Should().Be("timeout");
        json["error"]!.GetValue<string>().Should().Be("query timed out in query queue");
    }

    [Fact]
    public async Task Query_Ends_WhenTheClientLeaves()
    {
        await using var server = await ApiServer.StartAsync();
        var reading = new TaskCompletionSource();
        server.Storage.BeforeRead = () =>
        {
            var aborted = server.LastAborted;
            reading.TrySetResult();
            WaitHandle.WaitAny([aborted.WaitHandle, ApiServer.Token.WaitHandle]);
        };
        using var leaving = new CancellationTokenSource();
        var asking = server.Client.GetAsync("/api/v1/query?query=sum(up)", leaving.Token);
        await reading.Task.WaitAsync(ApiServer.Token);
        await leaving.CancelAsync();
        await asking.Invoking(task => task).Should().ThrowAsync<OperationCanceledException>();
        const string Counted = "prometheus_http_requests_total{code=\"499\",handler=\"/api/v1/query\"} 1";
        while (!(await server.GetTextAsync("/metrics")).Contains(Counted, StringComparison.Ordinal))
            ApiServer.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task FormatQuery_WritesTheNormalForm()
    {
        await using var server = await ApiServer.StartAsync();
        (await server.GetTextAsync("/api/v1/format_query?query=foo%2Bbar"))
            .Should().Be("{\"status\":\"success\",\"data\":\"foo + bar\"}");
        (await server.GetTextAsync("/api/v1/format_query?query=foo%2B"))
            .Should().Contain("invalid parameter");
    }

    private static async Task ExpectAsync(ApiServer server, HttpStatusCode status, string type, string error)
    {
        var (found, json) = await server.GetJsonAsync("/api/v1/query?query=up");
        found.Should().Be(status);
        json["status"]!.GetValue<string>().Should().Be("error");
        json["errorType"]!.GetValue<string>().Should().Be(type);
        json["error"]!.GetValue<string>().Should().Contain(error);
        json.As<JsonObject>().ContainsKey("data").Should().BeFalse();
    }
}
