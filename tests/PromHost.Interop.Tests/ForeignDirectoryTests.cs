namespace PromHost.Interop.Tests;

/// <summary>
/// A data directory that Prometheus filled with everything it has a file for: a log compressed in either way, late
/// samples, exemplars, deletions, and a snapshot of its chunks. PromHost answers from it what Prometheus answered, and
/// Prometheus goes on with it after PromHost was killed.
/// </summary>
public class ForeignDirectoryTests
{
    private const string Metric = "foreign_test";
    private const int SeriesCount = 12;
    private const int Steps = 260;
    private const long StepMs = 30_000;
    private const string Config = """
        storage:
          tsdb: {out_of_order_time_window: 3h}
          exemplars: {max_exemplars: 500}
        """;

    private const string Features = "--enable-feature=exemplar-storage,memory-snapshot-on-shutdown";

    // Not long ago: Prometheus answers for exemplars of the last hour.
    private readonly long _startMs =
        (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / StepMs * StepMs) - (Steps * StepMs);

    [Theory]
    [InlineData("3.5", "zstd", true)]
    [InlineData("3.5", "snappy", false)]
    [InlineData("2.42", "snappy", true)]
    public async Task Directory_AnswersTheSame_WhenItGoesToPromHostAndBack(
        string version, string compression, bool isOrderly)
    {
        Peers.Require();
        var binary = version == "2.42" ? Peers.OldPrometheus : Peers.Prometheus;
        List<string> flags = [Features, "--web.enable-admin-api"];
        if (version != "2.42") flags.Add("--storage.tsdb.wal-compression-type=" + compression);
        var folder = Directory.CreateTempSubdirectory("promhost-foreign-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            var (prometheus, theirs) = await PrometheusServer.StartAsync(binary, data, Config, flags);
            Answers expected;
            await using (prometheus)
            {
                await FillAsync(theirs);
                expected = await AskAsync(theirs);
                expected.Samples.Should().NotBeEmpty();
                if (isOrderly) await prometheus.StopAsync();
                else await prometheus.KillAsync();
            }

            Directory.GetDirectories(data, "chunk_snapshot.*").Should().HaveCount(isOrderly ? 1 : 0);
            Directory.GetFiles(Path.Combine(data, "wbl")).Should().NotBeEmpty();
            var (promHost, ours) = await RunningProgram.StartPromHostAsync(
                data, 0, Features, $"--config.file={data}.yml", "--storage.tsdb.retention.time=100y");
            await using (promHost)
            {
                Compare(await AskAsync(ours), expected, "PromHost answers as Prometheus did");
                promHost.Output.Should().NotContain("put back", "nothing was missing");
                await promHost.KillAsync();
            }

            PrometheusReader.Complaints(await PrometheusReader.OpenAsync(data)).Should().BeEmpty();
            (prometheus, theirs) = await PrometheusServer.StartAsync(binary, data, Config, flags);
            await using (prometheus)
                Compare(await AskAsync(theirs), expected, "Prometheus answers as before");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Compare(Answers found, Answers expected, string because)
    {
        found.Samples.Except(expected.Samples).Should().BeEmpty(because);
        expected.Samples.Except(found.Samples).Should().BeEmpty(because);
        found.Exemplars.Should().Be(expected.Exemplars, because);
    }

    // Every third batch has samples of up to two hours before as well; a part of two series is deleted on the way.
    private async Task FillAsync(Uri server)
    {
        for (var step = 0; step < Steps; step++)
        {
            var timeMs = _startMs + (step * StepMs);
            if (step % 3 == 0)
            {
                using var exemplars = WriteRequests.ContentWithExemplars(Metric, Enumerable.Range(0, SeriesCount)
                    .Select(series => ($"s{series}", timeMs, (double)(step * series), $"trace{step}")));
                await PostAsync(server, "/api/v1/write", exemplars);
            }
            else
            {
                using var samples = WriteRequests.Content(Metric, Enumerable.Range(0, SeriesCount)
                    .Select(series => ($"s{series}", timeMs, (double)(step * series))));
                await PostAsync(server, "/api/v1/write", samples);
            }

            if (step > 130 && step % 3 == 1)
            {
                using var late = WriteRequests.Content(Metric, Enumerable.Range(0, SeriesCount / 2)
                    .Select(series => ($"s{series}", timeMs - (100 * 60_000) - 7 - series, step + 0.5)));
                await PostAsync(server, "/api/v1/write", late);
            }

            if (step != Steps / 2) continue;
            // Where no late samples come: Prometheus 2.42 does not hide those by what was deleted before, 3.5 does.
            var startSeconds = _startMs / 1000;
            await PostAsync(
                server,
                $"/api/v1/admin/tsdb/delete_series?match[]={Metric}{{series=~\"s[1-2]\"}}" +
                $"&start={startSeconds + 2400}&end={startSeconds + 3300}",
                null);
        }
    }

    private async Task<Answers> AskAsync(Uri server)
    {
        var samples = await StoredSeries.ReadAsync(server, Metric, (_startMs + (Steps * StepMs)) / 1000);
        using var form = new FormUrlEncodedContent([new("query", Metric)]);
        using var response = await Polling.Http.PostAsync(new Uri(server, "/api/v1/query_exemplars"), form);
        return new Answers(samples, await response.Content.ReadAsStringAsync());
    }

    private static async Task PostAsync(Uri server, string path, HttpContent? content)
    {
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
    }

    private sealed record Answers(Dictionary<(string Series, long TimeMs), double> Samples, string Exemplars);
}
