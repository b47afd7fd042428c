using System.IO.Compression;
using System.Net;
using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Api.Tests;

public sealed class WorkspaceRoutesTests
{
    private static readonly FloatSample Sample = new(1000, 1);

    [Theory]
    [InlineData("/-/healthy", "Prometheus Server is Healthy.\n")]
    [InlineData("/-/ready", "Prometheus Server is Ready.\n")]
    [InlineData("/version", "{\"version\":\"3.14.0\",\"revision\":\"0.1.0\",\"branch\":\"main\"," +
        "\"buildUser\":\"maintainers\",\"buildDate\":\"20260101-00:00:00\",\"goVersion\":\".NET 10\"}\n")]
    [InlineData("/api/v1/status/flags",
        "{\"status\":\"success\",\"data\":{\"flag1\":\"value1\",\"flag2\":\"value2\"}}")]
    [InlineData("/api/v1/status/walreplay", "{\"status\":\"success\",\"data\":{\"min\":1,\"max\":3,\"current\":3}}")]
    [InlineData("/api/v1/status/config", "{\"status\":\"success\",\"data\":{\"yaml\":\"\"}}")]
    [InlineData("/api/v1/labels", "{\"status\":\"success\",\"data\":[]}")]
    [InlineData("/api/v1/metadata", "{\"status\":\"success\",\"data\":{}}")]
    [InlineData("/api/v1/labels?start=x", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
        "\"invalid parameter \\\"start\\\": invalid time value for 'start': cannot parse \\\"x\\\" to a valid " +
        "timestamp\"}")]
    [InlineData("/api/v1/series", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
        "\"no match[] parameter provided\"}")]
    [InlineData("/api/v1/labels?limit=-1", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
        "\"invalid parameter \\\"limit\\\": limit must be non-negative\"}")]
    [InlineData("/api/v1/label/a%FFb/values", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
        "\"invalid label name: \\\"a\\\\xffb\\\"\"}")]
    [InlineData("/api/v1/status/tsdb?limit=0", "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
        "\"limit must be a positive number\"}")]
    [InlineData("/api/v1/status/tsdb", "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":0," +
        "\"numLabelPairs\":0,\"chunkCount\":0,\"minTime\":9223372036854775807,\"maxTime\":-9223372036854775808}," +
        "\"seriesCountByMetricName\":[],\"labelValueCountByLabelName\":[],\"memoryInBytesByLabelName\":[]," +
        "\"seriesCountByLabelValuePair\":[]}}")]
    [InlineData("/api/v1/status/tsdb/blocks", "{\"status\":\"success\",\"data\":{\"blocks\":[]}}")]
    [InlineData("/nothing/here", "404 page not found: PromHost has no endpoint /nothing/here\n")]
    [InlineData("/-/reload", "Only POST or PUT requests allowed")]
    [InlineData("/api/v1/nothing", "404 page not found: PromHost has no endpoint /api/v1/nothing\n")]
    public async Task Get_Answers(string target, string expected)
    {
        await using var server = await ApiServer.StartAsync();
        (await server.GetTextAsync(target)).Should().Be(expected);
    }

    [Fact]
    public async Task Get_TellsTheRuntime()
    {
        await using var server = await ApiServer.StartAsync();
        var (_, json) = await server.GetJsonAsync("/api/v1/status/runtimeinfo");
        json["data"]!.AsObject().Select(field => field.Key).Should().Equal("startTime", "CWD", "hostname",
            "serverTime", "reloadConfigSuccess", "lastConfigTime", "corruptionCount", "goroutineCount", "GOMAXPROCS",
            "GOMEMLIMIT", "GOGC", "GODEBUG", "storageRetention");
        json["data"]!["startTime"]!.GetValue<string>().Should().Be("1970-01-01T00:00:00Z");
    }

    [Fact]
    public async Task Get_TurnsRequestsAway_UntilTheStorageIsOpen()
    {
        await using var server = await ApiServer.StartAsync(open: false);
        using var early = await server.Client.GetAsync("/api/v1/labels", ApiServer.Token);
        early.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        early.Headers.GetValues("X-Prometheus-Stopping").Should().Equal("false");
        (await early.Content.ReadAsStringAsync(ApiServer.Token)).Should().Be("Service Unavailable");
        (await server.GetTextAsync("/-/ready")).Should().Be("Service Unavailable");
        (await server.GetTextAsync("/-/healthy")).Should().Be("Prometheus Server is Healthy.\n");
        (await server.GetTextAsync("/api/v1/status/walreplay")).Should().Contain("\"current\":0");
        server.Workspace.Open(ApiServer.ServicesOver(server.Storage, server.Workspace.Meter));
        (await server.GetTextAsync("/-/ready")).Should().Be("Prometheus Server is Ready.\n");
        server.Workspace.Stop();
        using var late = await server.Client.GetAsync("/-/ready", ApiServer.Token);
        late.Headers.GetValues("X-Prometheus-Stopping").Should().Equal("true");
    }

    [Fact]
    public async Task Get_TellsHowFarTheReplayIs_UntilTheStorageIsOpen()
    {
        var status = default(ReplayStatus);
        await using var server = await ApiServer.StartAsync(open: false, replay: () => status);
        (await server.GetTextAsync("/-/ready")).Should().Be("Service Unavailable");
        status = new ReplayStatus(Done: false, 0, 0, 0) { ImageSeries = 209_200, ImageSeriesRead = 90_000 };
        (await server.GetTextAsync("/-/ready")).Should()
            .Be("Service Unavailable: reading the head image, 90000 of 209200 series");
        status = new ReplayStatus(Done: false, 2, 7, 3) { ReadsLog = true };
        (await server.GetTextAsync("/-/ready")).Should()
            .Be("Service Unavailable: reading the log, segment 3 of 2 to 7");
        server.Workspace.Stop();
        (await server.GetTextAsync("/-/ready")).Should().Be("Service Unavailable");
    }

    [Theory]
    [InlineData("/-/healthy", HttpStatusCode.OK, "")]
    [InlineData("/-/ready", HttpStatusCode.OK, "")]
    [InlineData("/api/v1/labels", HttpStatusCode.MethodNotAllowed, "GET, OPTIONS, POST")]
    [InlineData("/api/v1/label/a/values", HttpStatusCode.MethodNotAllowed, "GET, OPTIONS")]
    public async Task Head_IsAnsweredWhereItIsOffered(string target, HttpStatusCode status, string allow)
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, target);
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.StatusCode.Should().Be(status);
        string.Join(", ", response.Content.Headers.Allow).Should().Be(allow);
    }

    [Theory]
    [InlineData("/api/v1/labels")]
    [InlineData("/api/v1/anything/at/all")]
    public async Task Options_AllowsOtherOrigins(string target)
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, target);
        request.Headers.Add("Origin", "http://example.org");
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        response.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("http://example.org");
        response.Headers.GetValues("Access-Control-Allow-Methods").Should().Equal("GET, POST, OPTIONS");
        response.Headers.Vary.Should().Contain("Origin");
    }

    [Fact]
    public async Task Options_IsNotFound_WhereNothingIs()
    {
        await using var server = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Options, "/nothing/here");
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("br, deflate, gzip", "deflate")]
    [InlineData("br", null)]
    [InlineData(null, null)]
    public async Task Get_Compresses_AsAskedFor(string? accept, string? coding)
    {
        await using var server = await ApiServer.StartAsync();
        for (var i = 0; i < 20000; i++) server.Storage.Add(Labels.FromPairs(("__name__", $"metric_{i}")), Sample);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/label/__name__/values");
        if (accept is not null) request.Headers.Add("Accept-Encoding", accept);
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.Content.Headers.ContentEncoding.Should().Equal(coding is null ? [] : [coding]);
        response.Headers.Vary.Should().Contain("Accept-Encoding");
        await using var body = await response.Content.ReadAsStreamAsync(ApiServer.Token);
        await using Stream plain = coding switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        };
        using var reader = new StreamReader(plain);
        var text = await reader.ReadToEndAsync(ApiServer.Token);
        text.Should().StartWith("{\"status\":\"success\",\"data\":[\"metric_0\",").And.EndWith("]}");
        text.Count(c => c == ',').Should().Be(20000);
    }

    [Fact]
    public async Task Get_TakesAMebibyteOfRequestLine()
    {
        await using var server = await ApiServer.StartAsync();
        var target = "/api/v1/labels?ignored=" + new string('x', ApiKestrelLimits.MaxRequestHeadBytes - 100);
        (await server.SendRawAsync($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .Should().StartWith("HTTP/1.1 200 OK");
        (await server.SendRawAsync($"GET /{target}{target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .Should().StartWith("HTTP/1.1 414");
    }

    [Fact]
    public async Task Get_TakesManyLargeHeaders()
    {
        await using var server = await ApiServer.StartAsync();
        var head = new StringBuilder("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (var i = 0; i < 500; i++) head.Append(System.Globalization.CultureInfo.InvariantCulture, $"X-{i}: ")
            .Append('y', 1000).Append("\r\n");
        (await server.SendRawAsync(head.Append("\r\n").ToString())).Should().StartWith("HTTP/1.1 200 OK");
    }

    [Fact]
    public async Task Post_MergesForm_AndQueryString()
    {
        var storage = new MemoryStorage().Add(Labels.FromPairs(("__name__", "a")), Sample)
            .Add(Labels.FromPairs(("__name__", "b")), Sample);
        await using var server = await ApiServer.StartAsync(storage);
        // The form comes first, and of single parameters the first counts.
        var (status, text) = await server.PostFormAsync("/api/v1/labels?limit=x", "limit=1&" +
            string.Join('&', Enumerable.Range(0, 5000).Select(i => $"other={i}")));
        status.Should().Be(HttpStatusCode.OK);
        text.Should().Be("{\"status\":\"success\",\"data\":[\"__name__\"]}");
    }

    [Fact]
    public async Task Post_NamesADamagedParameter()
    {
        await using var server = await ApiServer.StartAsync();
        var (status, text) = await server.PostFormAsync("/api/v1/series", "match[]=a&x=%zz");
        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Be("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":" +
            "\"error parsing form values: invalid URL escape \\\"%zz\\\"\"}");
    }

    [Fact]
    public async Task Post_AnswersBadRequest_WhenTheFormIsTooLarge()
    {
        await using var server = await ApiServer.StartAsync();
        var (status, text) = await server.PostFormAsync(
            "/api/v1/labels", "x=" + new string('y', RequestParameters.MaxFormBytes));
        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Contain("http: POST too large");
    }

    [Fact]
    public async Task Get_DecodesLabelNames_FromTheRawTarget()
    {
        var storage = new MemoryStorage().Add(
            Labels.FromPairs(("__name__", "m"), ("a/b", "1"), ("é ü", "2")), Sample);
        await using var server = await ApiServer.StartAsync(storage);
        (await server.SendRawAsync("GET /api/v1/label/a%2Fb/values HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .Should().EndWith("{\"status\":\"success\",\"data\":[\"1\"]}");
        (await server.SendRawAsync(
            "GET /api/v1/label/%c3%a9%20%C3%BC/values?limit=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .Should().EndWith("{\"status\":\"success\",\"data\":[\"2\"]}");
    }

    [Fact]
    public async Task Get_CountsRequests()
    {
        await using var server = await ApiServer.StartAsync();
        await server.GetTextAsync("/api/v1/label/a/values");
        await server.GetTextAsync("/api/v1/series");
        var text = await server.GetTextAsync("/metrics");
        text.Should()
            .Contain("prometheus_http_requests_total{code=\"200\",handler=\"/api/v1/label/:name/values\"} 1\n")
            .And.Contain("prometheus_http_requests_total{code=\"400\",handler=\"/api/v1/series\"} 1\n")
            .And.Contain("prometheus_http_request_duration_seconds_count{handler=\"/api/v1/series\"} 1\n");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept", "application/openmetrics-text");
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        response.Content.Headers.ContentType!.MediaType.Should().Be("application/openmetrics-text");
        (await response.Content.ReadAsStringAsync(ApiServer.Token)).Should().EndWith("# EOF\n");
    }

    [Fact]
    public async Task Get_NamesTheError_WhenTheStorageFails()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.ReadFailure = new StorageReadException("chunk 000001 at 42 is damaged");
        var (status, json) = await server.GetJsonAsync("/api/v1/labels");
        status.Should().Be(HttpStatusCode.InternalServerError);
        json["errorType"]!.GetValue<string>().Should().Be("internal");
        json["error"]!.GetValue<string>().Should().Be("chunk 000001 at 42 is damaged");
        server.Storage.ReadFailure = new StorageUnavailableException("TSDB not ready", null);
        (status, json) = await server.GetJsonAsync("/api/v1/labels");
        status.Should().Be(HttpStatusCode.InternalServerError);
        json["errorType"]!.GetValue<string>().Should().Be("unavailable");
    }

    [Fact]
    public async Task Get_WritesMetadata_WithinLimits()
    {
        var storage = new MemoryStorage()
            .AddMetadata("a", new MetricMetadata("gauge", "one", ""), new MetricMetadata("gauge", "two", ""))
            .AddMetadata("b", new MetricMetadata("counter", "<b>", "bytes"));
        await using var server = await ApiServer.StartAsync(storage);
        (await server.GetTextAsync("/api/v1/metadata?limit=1&limit_per_metric=1")).Should()
            .Be("{\"status\":\"success\",\"data\":{\"a\":[{\"type\":\"gauge\",\"unit\":\"\",\"help\":\"one\"}]}}");
        (await server.GetTextAsync("/api/v1/metadata?metric=b")).Should()
            .Be("{\"status\":\"success\",\"data\":{\"b\":[{\"type\":\"counter\",\"unit\":\"bytes\"," +
                "\"help\":\"\\u003cb\\u003e\"}]}}");
        (await server.GetTextAsync("/api/v1/metadata?limit=x")).Should().Contain("limit must be a number");
    }

    [Fact]
    public async Task MapWorkspace_WorksBelowAGroup()
    {
        var storage = new MemoryStorage().Add(Labels.FromPairs(("__name__", "m"), ("a/b", "1")), Sample);
        await using var server = await ApiServer.StartAsync(storage, prefix: "/workspaces/one");
        (await server.GetTextAsync("/workspaces/one/api/v1/label/a%2Fb/values")).Should().EndWith("[\"1\"]}");
        (await server.GetTextAsync("/workspaces/one/-/healthy")).Should().Be("Prometheus Server is Healthy.\n");
        (await server.GetTextAsync("/workspaces/one/api/v1/x")).Should().Contain("/workspaces/one/api/v1/x");
        (await server.PostFormAsync("/workspaces/one/-/quit", "")).Should()
            .Be((HttpStatusCode.Forbidden, "Lifecycle API is not enabled."));
        using var outside = await server.Client.GetAsync("/api/v1/labels", ApiServer.Token);
        outside.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Get_GoesOn_WhenAClientLeavesInTheMiddleOfAnAnswer()
    {
        var storage = new MemoryStorage();
        var value = new string('v', 1000);
        for (var i = 0; i < 20000; i++) storage.Add(Labels.FromPairs(("__name__", "m"), ("a", value + i)), Sample);
        await using var server = await ApiServer.StartAsync(storage);
        for (var i = 0; i < 5; i++)
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(server.Address.Host, server.Address.Port, ApiServer.Token);
            await client.GetStream().WriteAsync(
                "GET /api/v1/series?match[]=m HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), ApiServer.Token);
            await client.GetStream().ReadExactlyAsync(new byte[1000], ApiServer.Token);
        }

        (await server.GetTextAsync("/-/healthy")).Should().Be("Prometheus Server is Healthy.\n");
        (await server.GetTextAsync("/api/v1/series?match[]=m")).Should().EndWith("]}");
    }

    [Fact]
    public async Task Get_WritesALandingPage()
    {
        await using var server = await ApiServer.StartAsync();
        (await server.GetTextAsync("/")).Should().Contain("api/v1/query?query=up");
    }
}
