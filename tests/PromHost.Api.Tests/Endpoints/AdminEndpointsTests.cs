using System.Net;
using PromHost.Storage;

namespace PromHost.Api.Tests;

public sealed class AdminEndpointsTests
{
    private const string Path = "/api/v1/admin/tsdb/";

    [Theory]
    [InlineData("delete_series?match[]=up&match[]=down{a!=%22b%22}&start=1&end=2.5",
        "delete 1000 2500 __name__=\"up\"|delete 1000 2500 a!=\"b\",__name__=\"down\"")]
    [InlineData("delete_series?match[]={a=~%22.*%22}",
        "delete -9223309901257974000 9223309901257974999 a=~\".*\"")]
    [InlineData("delete_series?match[]=up&start=5&end=3", "")]
    [InlineData("clean_tombstones", "clean")]
    public async Task Handle_AnswersNothing_WhenItIsDone(string target, string expected)
    {
        await using var server = await ApiServer.StartAsync();
        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put })
        {
            server.Storage.Maintenance.Clear();
            var (status, text) = await SendAsync(server, method, target);
            status.Should().Be(HttpStatusCode.NoContent, text);
            text.Should().BeEmpty();
            string.Join('|', server.Storage.Maintenance).Should().Be(expected);
        }
    }

    [Theory]
    [InlineData("snapshot", "snapshot True")]
    [InlineData("snapshot?skip_head=", "snapshot True")]
    [InlineData("snapshot?skip_head=F", "snapshot True")]
    [InlineData("snapshot?skip_head=true", "snapshot False")]
    [InlineData("snapshot?skip_head=1", "snapshot False")]
    public async Task Handle_NamesTheSnapshot(string target, string expected)
    {
        await using var server = await ApiServer.StartAsync();

        var (status, text) = await SendAsync(server, HttpMethod.Post, target);

        status.Should().Be(HttpStatusCode.OK);
        text.Should().Be("{\"status\":\"success\",\"data\":{\"name\":\"20260101T000000Z-0123456789abcdef\"}}");
        server.Storage.Maintenance.Should().Equal(expected);
    }

    [Theory]
    [InlineData("delete_series", "no match[] parameter provided")]
    [InlineData("delete_series?match[]=up{",
        "invalid parameter \"match[]\": 1:4: parse error: unexpected end of input inside braces")]
    [InlineData("delete_series?match[]=up&start=x",
        "invalid parameter \"start\": invalid time value for 'start': cannot parse \"x\" to a valid timestamp")]
    [InlineData("snapshot?skip_head=x", "invalid parameter \"skip_head\": unable to parse boolean: " +
        "strconv.ParseBool: parsing \"x\": invalid syntax")]
    public async Task Handle_SaysWhatIsWrong(string target, string error)
    {
        await using var server = await ApiServer.StartAsync();

        var (status, text) = await SendAsync(server, HttpMethod.Post, target);

        status.Should().Be(HttpStatusCode.BadRequest);
        text.Should().Be("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"" +
            error.Replace("\"", "\\\"", StringComparison.Ordinal) + "\"}");
    }

    [Theory]
    [InlineData("delete_series?match[]=up", "")]
    [InlineData("clean_tombstones", "")]
    [InlineData("snapshot", "create snapshot: ")]
    public async Task Handle_TellsAFailure(string target, string prefix)
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.MaintenanceFailure = new IOException("no space left");

        var (status, text) = await SendAsync(server, HttpMethod.Post, target);

        status.Should().Be(HttpStatusCode.InternalServerError);
        text.Should().Be(
            "{\"status\":\"error\",\"errorType\":\"internal\",\"error\":\"" + prefix + "no space left\"}");
    }

    [Theory]
    [InlineData("delete_series")]
    [InlineData("clean_tombstones")]
    [InlineData("snapshot?skip_head=x")]
    public async Task Handle_TurnsAway_WhenItIsSwitchedOff(string target)
    {
        await using var server = await ApiServer.StartAsync(open: false);
        server.Workspace.Open(
            ApiServer.ServicesOver(server.Storage, server.Workspace.Meter) with { Maintenance = null });

        var (status, text) = await SendAsync(server, HttpMethod.Put, target);

        status.Should().Be(HttpStatusCode.InternalServerError);
        text.Should().Be("{\"status\":\"error\",\"errorType\":\"unavailable\",\"error\":\"admin APIs disabled\"}");
    }

    [Fact]
    public async Task Handle_TakesNoGet()
    {
        await using var server = await ApiServer.StartAsync();
        using var response = await server.Client.GetAsync(Path + "snapshot", ApiServer.Token);
        response.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.Should().Equal("OPTIONS", "POST", "PUT");
    }

    [Fact]
    public async Task Blocks_AreToldAsTheirFilesTellThem()
    {
        await using var server = await ApiServer.StartAsync();
        server.Storage.Blocks =
        [
            new BlockStatus { Id = "01A", MinTimeMs = 1, MaxTimeMs = 2, Sources = ["01A"] },
            new BlockStatus
            {
                Id = "01B", MinTimeMs = -5, MaxTimeMs = 2, Samples = 7, FloatSamples = 4, HistogramSamples = 3,
                Series = 2, Chunks = 5, Tombstones = 1, Level = 2, Sources = ["01C", "01D"], IsDeletable = true,
                Parents = [("01C", -5, 0), ("01D", 0, 2)], IsFailed = true, Hints = ["from-out-of-order"],
            },
        ];

        (await server.GetTextAsync("/api/v1/status/tsdb/blocks")).Should().Be("""
            {"status":"success","data":{"blocks":[
            {"ulid":"01A","minTime":1,"maxTime":2,"stats":{},"compaction":{"level":1,"sources":["01A"]},"version":1},
            {"ulid":"01B","minTime":-5,"maxTime":2,"stats":{"numSamples":7,"numFloatSamples":4,
            "numHistogramSamples":3,"numSeries":2,"numChunks":5,"numTombstones":1},"compaction":{"level":2,
            "sources":["01C","01D"],"deletable":true,"parents":[{"ulid":"01C","minTime":-5,"maxTime":0},
            {"ulid":"01D","minTime":0,"maxTime":2}],"failed":true,"hints":["from-out-of-order"]},"version":1}]}}
            """.ReplaceLineEndings(""));
    }

    private static async Task<(HttpStatusCode Status, string Text)> SendAsync(
        ApiServer server, HttpMethod method, string target)
    {
        using var request = new HttpRequestMessage(method, Path + target);
        using var response = await server.Client.SendAsync(request, ApiServer.Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(ApiServer.Token));
    }
}
