using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public sealed class QueryCommandTests : IAsyncLifetime
{
    private const long Start = 1_700_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-query-").FullName;
    private PromHostServer? _server;
    private string _url = "";

    public async ValueTask InitializeAsync()
    {
        await FillAsync();
        _server = await PromHostServer.StartAsync(new ServerOptions
        {
            Storage = new StorageOptions { DataPath = _folder },
            ListenAddresses = ["127.0.0.1:0"],
        });
        await _server.Ready;
        _url = _server.Addresses[0].ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("sort(up)",
        "up{instance=\"ä\\n\", job=\"a\"} => 1 @[1700000015.5]\nup{job=\"b\"} => 3 @[1700000015.5]\n")]
    [InlineData("sum(up) * 1e21", "{} => 4000000000000000000000 @[1700000015.5]\n")]
    [InlineData("1/3", "scalar: 0.3333333333333333 @[1700000015.5]\n")]
    [InlineData("'text'", "text\n")]
    [InlineData("none", "\n")]
    public async Task Instant_WritesWhatPromtoolWrites(string expression, string expected) =>
        (await QueryAsync("instant", "--time", "1700000015.5", expression)).Should().Be((0, expected, ""));

    [Theory]
    [InlineData("1700000015")]
    [InlineData("2023-11-14T22:13:35Z")]
    [InlineData("2023-11-14T23:13:35.000+01:00")]
    public async Task Instant_TakesTimesInAllFormsOfTheApi(string time) =>
        (await QueryAsync("instant", "--time=" + time, "time()")).Output.Should().Be(
            "scalar: 1700000015 @[1700000015]\n");

    [Fact]
    public async Task Instant_WritesJsonAndTables()
    {
        (await QueryAsync("instant", "--time=1700000015", "-o", "json", "up{job='b'}")).Output.Should().Be(
            """[{"metric":{"__name__":"up","job":"b"},"value":[1700000015,"3"]}]""" + "\n");
        (await QueryAsync("instant", "--time=1700000015", "--format", "table", "sort(up)")).Output.Should().Be(
            """
            __name__  instance  job  time                  value
            up        "ä\n"     a    2023-11-14T22:13:35Z      1
            up                  b    2023-11-14T22:13:35Z      3

            """);
        (await QueryAsync("instant", "--time=1700000015", "--format", "table", "1e21")).Output.Should().Be(
            """
            time                                   value
            2023-11-14T22:13:35Z  1000000000000000000000

            """);
    }

    [Fact]
    public async Task Instant_WritesRemarksOfTheServer_ToTheErrorOutput()
    {
        var (exitCode, output, error) = await QueryAsync("instant", "--time=1700000015", "quantile(2, up)");

        (exitCode, output).Should().Be((0, "{} => +Inf @[1700000015]\n"));
        error.Should().StartWith("promhost: PromQL warning: quantile value should be between 0 and 1, got 2");
    }

    [Fact]
    public async Task Range_WritesWhatPromtoolWrites() =>
        (await QueryAsync("range", "--start=1700000000", "--end=2023-11-14T22:13:50Z", "--step=15s", "up"))
            .Should().Be((0,
            """
            up{job="b"} =>
            2 @[1700000000]
            3 @[1700000015]
            3 @[1700000030]
            up{instance="ä\n", job="a"} =>
            1 @[1700000000]
            1 @[1700000015]
            1 @[1700000030]

            """, ""));

    [Fact]
    public async Task Range_EndsNowAndTakesFiveMinutes_WithoutFlags()
    {
        var (_, output, _) = await QueryAsync("range", "--format=json", "vector(1)");

        var times = JsonDocument.Parse(output).RootElement[0].GetProperty("values").EnumerateArray()
            .Select(point => point[0].GetDouble()).ToList();
        times.Should().HaveCount(301);
        (times[^1] - times[0]).Should().BeApproximately(300, 0.001);
    }

    [Fact]
    public async Task Range_TakesATwoHundredFiftieth_WithoutAStep()
    {
        var (_, output, _) = await QueryAsync("range", "--start=0", "--end=1001", "--format=table", "vector(time())");

        output.Split('\n').Should().HaveCount(1 + 251 + 1).And.Contain("1970-01-01T00:00:04Z      4");
    }

    [Fact]
    public async Task SeriesAndLabels_WriteWhatPromtoolWrites()
    {
        (await QueryAsync("series", "--match=up{job='b'}", "--match=other")).Should().Be((0,
            "{__name__=\"other\", a b=\"q/r\"}\n{__name__=\"up\", job=\"b\"}\n", ""));
        (await QueryAsync("series", "--match=up", "--end=1")).Output.Should().BeEmpty();
        (await QueryAsync("labels", "job")).Should().Be((0, "a\nb\n", ""));
        (await QueryAsync("labels", "job", "--match", "up{job!='a'}")).Output.Should().Be("b\n");
        (await QueryAsync("labels", "a b")).Output.Should().Be("q/r\n");
        (await QueryAsync("labels", "--format=json")).Output.Should().Be(
            """["__name__","a b","instance","job"]""" + "\n");
        (await QueryAsync("labels", "job", "--format=table")).Output.Should().Be("job\na\nb\n");
        (await QueryAsync("series", "--match=other", "--format=table")).Output.Should().Be(
            """
            __name__  a b
            other     q/r

            """);
    }

    [Theory]
    [InlineData("instant", "--time=1700000015")]
    [InlineData("range", "--start=1700000000", "--end=1700000015", "--step=15")]
    public async Task Explain_WritesATableOfOperators_InsteadOfTheResult(params string[] arguments)
    {
        var (exitCode, output, error) = await QueryAsync([.. arguments, "--explain", "sum by (job) (up)"]);

        (exitCode, error).Should().Be((0, ""));
        var lines = output.Split('\n');
        lines[0].Should().StartWith("operator ").And.EndWith("expression");
        lines[1].Should().MatchRegex("^Result +[12] +2 .* sum by \\(job\\) \\(up\\)$");
        lines[2].Should().MatchRegex("^  Fold +[12] +2 ");
        lines[3].Should().MatchRegex("^    InstantSelector +[12] +2 .* up$");
        lines[4].Should().StartWith("      - reads ");
    }

    [Fact]
    public async Task Explain_WritesTheTreeOfTheApi_AsJson()
    {
        var (_, output, _) = await QueryAsync("instant", "--explain", "-o", "json", "1");

        JsonDocument.Parse(output).RootElement.GetProperty("operator").GetString().Should().Be("Result");
    }

    [Fact]
    public async Task Query_SaysWhatTheServerSays_WhenItRefuses()
    {
        (await QueryAsync("instant", "sum(")).Should().Be((1, "",
            "promhost: bad_data: invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis\n"));
        (await QueryAsync("range", "--start=5", "--end=1", "up")).Should().Be((1, "",
            "promhost: bad_data: invalid parameter \"end\": end timestamp must not be before start time\n"));
        (await ToolRunner.RunProgramAsync("", "query", "instant", "--url", _url + "none", "up")).Should().Be((1, "",
            $"promhost: {_url}none does not answer as Prometheus's API: 404 Not Found\n"));
    }

    [Fact]
    public async Task Query_SaysThatTheServerIsNotThere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var place = listener.LocalEndpoint.ToString();
        // It takes the connection and is silent.
        (await ToolRunner.RunProgramAsync(
            "", "query", "labels", "--url", $"http://me:secret@{place}", "--timeout=20ms")).Should().Be((
            1, "", $"promhost: cannot ask http://{place}/: no answer within 20ms\n"));
        listener.Stop();

        (await ToolRunner.RunProgramAsync("", "query", "labels", "--url", place!)).Should().Be(
            (1, "", $"promhost: cannot ask http://{place}/: Connection refused ({place})\n"));
    }

    [Theory]
    [InlineData("--time: cannot parse \"soon\" to a valid timestamp", "instant", "--time=soon", "up")]
    [InlineData("--step: cannot parse \"x\" to a valid duration", "range", "--step=x", "up")]
    [InlineData("--step: must be greater than 0", "range", "--step=0", "up")]
    [InlineData("--url: \"ftp://x\" is not an HTTP URL", "labels", "--url=ftp://x")]
    [InlineData("--format: must be one of promql, json, table, got \"xml\"", "labels", "--format=xml")]
    [InlineData("Option '--match' is required.", "series")]
    [InlineData("Required argument missing", "instant")]
    [InlineData("Required command was not provided.")]
    public async Task Query_EndsWithTwo_WhenTheCommandLineIsWrong(string expected, params string[] arguments)
    {
        var (exitCode, _, error) = await ToolRunner.RunProgramAsync("", ["query", .. arguments]);

        exitCode.Should().Be(2);
        error.Should().Contain(expected);
    }

    private Task<(int ExitCode, string Output, string Error)> QueryAsync(params string[] arguments) =>
        ToolRunner.RunProgramAsync("", ["query", .. arguments, "--url", _url]);

    private async Task FillAsync()
    {
        await using var database = Database.Open(
            new DatabaseOptions { DataPath = _folder, IsAutoCompacted = false }, NullLogger.Instance,
            TimeProvider.System);
        await database.ReplayAsync();
        using var appender = database.CreateAppender();
        var a = appender.GetOrAddSeries(
            Labels.FromPairs(("__name__", "up"), ("instance", "ä\n"), ("job", "a")), []);
        var b = appender.GetOrAddSeries(Labels.FromPairs(("__name__", "up"), ("job", "b")), []);
        var other = appender.GetOrAddSeries(Labels.FromPairs(("__name__", "other"), ("a b", "q/r")), []);
        appender.Append(a, [new FloatSample(Start * 1000, 1)]);
        appender.Append(b, [new FloatSample(Start * 1000, 2), new FloatSample((Start + 15) * 1000, 3)]);
        appender.Append(other, [new FloatSample(Start * 1000, 1)]);
        await appender.CommitAsync(TestContext.Current.CancellationToken);
    }
}
