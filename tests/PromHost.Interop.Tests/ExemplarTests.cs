using System.Net;

namespace PromHost.Interop.Tests;

/// <summary>The same exemplars, the same answers: byte for byte, before and after both were killed.</summary>
public sealed class ExemplarTests : IDisposable
{
    private const string Metric = "exemplar_test";
    private const string Config = """
        storage:
          tsdb: {out_of_order_time_window: 0s}
          exemplars: {max_exemplars: 150}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-exemplars-").FullName;
    private readonly long _startMs = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000 * 1000) - 600_000;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task QueryExemplars_AnswersAsPrometheus_AlsoAfterSigkill()
    {
        Peers.Require();
        var config = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, Config, TestContext.Current.CancellationToken);

        var (promHost, ours) = await StartPromHostAsync(config);
        var (prometheus, theirs) = await StartPrometheusAsync();
        foreach (var batch in Batches())
        {
            await SendAsync(ours, batch);
            await SendAsync(theirs, batch);
        }

        await CompareAsync(ours, theirs);
        await promHost.KillAsync();
        await prometheus.KillAsync();
        (promHost, ours) = await StartPromHostAsync(config);
        (prometheus, theirs) = await StartPrometheusAsync();
        await using (promHost)
        await using (prometheus)
            await CompareAsync(ours, theirs);
    }

    // New ones, repeated ones, late ones, ones of the same time, ones with labels that are too long. Samples go up.
    private IEnumerable<List<(string Series, long TimeMs, double Value, string Trace)>> Batches()
    {
        var random = new Random(4);
        var last = new Dictionary<string, (long TimeMs, double Value, string Trace)>(StringComparer.Ordinal);
        for (var i = 0; i < 60; i++)
        {
            var batch = new List<(string, long, double, string)>();
            for (var s = 0; s < 5; s++)
            {
                var series = "s" + s;
                var timeMs = _startMs + (i * 1000L);
                var trace = random.Next(10) == 0 ? new string('x', 130) : $"t{i}_{s}";
                var exemplar = last.TryGetValue(series, out var before) && random.Next(4) == 0
                    ? before
                    : (timeMs, (double)random.Next(100), trace);
                last[series] = exemplar;
                batch.Add((series, exemplar.Item1, exemplar.Item2, exemplar.Item3));
            }

            yield return batch;
        }
    }

    private static async Task CompareAsync(Uri ours, Uri theirs)
    {
        foreach (var (query, minimum) in new[]
        {
            (Metric, 5000), ($"rate({Metric}{{series=~\"s[12]\"}}[5m])", 1000), ("no_such_metric", 0), ("1 + 1", 0),
            ($"{Metric}{{series=\"s1\"}} + {Metric}{{series=\"s3\"}}", 1000),
        })
        {
            var (status, text) = await AskAsync(ours, query);
            var (expectedStatus, expected) = await AskAsync(theirs, query);
            text.Should().Be(expected, query);
            status.Should().Be(expectedStatus);
            expected.Length.Should().BeGreaterThanOrEqualTo(minimum);
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(Uri server, string query)
    {
        using var content = new FormUrlEncodedContent([new("query", query)]);
        using var response = await Polling.Http.PostAsync(new Uri(server, "/api/v1/query_exemplars"), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task SendAsync(
        Uri server, List<(string Series, long TimeMs, double Value, string Trace)> exemplars)
    {
        using var content = WriteRequests.ContentWithExemplars(Metric, exemplars);
        using var response = await Polling.Http.PostAsync(new Uri(server, "/api/v1/write"), content);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
    }

    private Task<(RunningProgram Program, Uri Address)> StartPromHostAsync(string config) =>
        RunningProgram.StartPromHostAsync(Path.Combine(_folder, "promhost"), 0,
            $"--config.file={config}", "--enable-feature=exemplar-storage");

    private Task<(RunningProgram Program, Uri Address)> StartPrometheusAsync() => PrometheusServer.StartAsync(
        Peers.Prometheus, Path.Combine(_folder, "prometheus"), Config, "--enable-feature=exemplar-storage");
}
