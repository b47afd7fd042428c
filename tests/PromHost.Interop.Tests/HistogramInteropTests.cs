using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// Prometheus and PromHost are sent the same native histograms, or what a Prometheus has scraped of itself: both hold
/// the same, in the head, in blocks, after restarts and kills, and Prometheus reads our directory.
/// </summary>
public sealed partial class HistogramInteropTests : IDisposable
{
    private const string Metric = "histogram_test";
    private const string Window = "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n";

    private static readonly string[] OurFlags = ["--storage.tsdb.retention.time=100y", "--web.enable-admin-api"];
    private static readonly string[] TheirFlags = ["--enable-feature=native-histograms", "--web.enable-admin-api"];

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-histograms-").FullName;

    private string Ours => Path.Combine(_folder, "ours");

    private string Theirs => Path.Combine(_folder, "theirs");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Histograms_AreTheSameInBoth_InHeadAndBlocks_AndWherePrometheusOpensOurs()
    {
        Peers.Require();
        var all = new Question($"{Metric}[20h]", SentHistograms.EndMs / 1000);
        Dictionary<string, string> expected;
        var (promHost, ourAddress) = await RunningProgram.StartPromHostAsync(Ours, 0, OurFlags);
        await using (promHost)
        {
            var (prometheus, theirAddress) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Theirs, Window, TheirFlags);
            await using (prometheus)
            {
                await SendAsync(ourAddress, theirAddress);
                expected = await AskAsync(theirAddress, all);
                await prometheus.StopAsync();
            }

            expected.Should().HaveCount(36);
            BlockCount(Theirs).Should().BePositive();
            BlockCount(Ours).Should().BePositive();
            Compare(await AskSnapshotAsync(ourAddress, Ours, all), expected, "while it runs");
            await promHost.KillAsync();
        }

        Compare(await AskPrometheusAsync(Ours, all), expected, "killed");
        await RestartAsync(Ours, all, expected);
        Compare(await AskPrometheusAsync(Ours, all), expected, "started and ended");
    }

    [Fact]
    public async Task ScrapedHistograms_AreTheSame_WhereAPrometheusHasThemFrom_AndWhereItWritesThem()
    {
        Peers.Require();
        var (promHost, ourAddress) = await RunningProgram.StartPromHostAsync(Ours, 0, OurFlags);
        await using (promHost)
        {
            var (prometheus, theirAddress) = await StartScrapingAsync(ourAddress);
            await using (prometheus)
            {
                var until = await SendUntilAsync(theirAddress, TimeSpan.FromSeconds(10));
                var scraped = new Question("""{__name__=~"prometheus_.+_seconds",job="self"}[10m]""", until);
                var expected = await AskAsync(theirAddress, scraped);
                expected.Values.Count(answer => answer.Contains("\"buckets\"")).Should().BePositive();
                Compare(await AskSnapshotAsync(ourAddress, Ours, scraped), expected, "as they were written");
                await promHost.KillAsync();
                Compare(await AskPrometheusAsync(Ours, scraped), expected, "killed");
            }
        }
    }

    private static void Compare(Dictionary<string, string> actual, Dictionary<string, string> expected, string moment)
    {
        actual.Keys.Should().BeEquivalentTo(expected.Keys, moment);
        foreach (var (series, samples) in expected)
        {
            if (string.Equals(actual[series], samples, StringComparison.Ordinal)) continue;
            var at = actual[series].Zip(samples).TakeWhile(pair => pair.First == pair.Second).Count();
            Assert.Fail($"{moment}: of {series} ({actual[series].Length} characters) differs from " +
                $"{samples.Length}: {Around(actual[series], at)} is not {Around(samples, at)}");
        }
    }

    private static string Around(string text, int at) => text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)];

    // The head becomes a block of its own whenever it spans enough.
    private static async Task SendAsync(params Uri[] addresses)
    {
        foreach (var request in SentHistograms.Requests())
        {
            foreach (var address in addresses)
            {
                using var content = WriteRequests.ContentWithHistograms(Metric, request);
                using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
                response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            }
        }
    }

    private static int BlockCount(string data) => Directory.EnumerateDirectories(data, "0*")
        .Count(path => File.Exists(Path.Combine(path, "meta.json")) && !path.Contains(".tmp"));

    // A Prometheus that is started on a copy.
    private async Task<Dictionary<string, string>> AskPrometheusAsync(string data, Question question)
    {
        var copy = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        PrometheusReader.Copy(data, copy);
        var (program, address) = await PrometheusServer.StartAsync(Peers.Prometheus, copy, Window, TheirFlags);
        await using (program)
        {
            // Blocks of samples that came late overlap others; they are merged then.
            PrometheusReader.Complaints(program.Output.Split('\n'))
                .Where(line => !line.Contains("Overlapping blocks found")).Should().BeEmpty();
            return await AskAsync(address, question);
        }
    }

    // What a server reads of its head and its blocks, as a Prometheus finds it in the blocks of a snapshot.
    private async Task<Dictionary<string, string>> AskSnapshotAsync(Uri address, string data, Question question)
    {
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/admin/tsdb/snapshot"), null);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        var name = json.RootElement.GetProperty("data").GetProperty("name").GetString()!;
        return await AskPrometheusAsync(Path.Combine(data, "snapshots", name), question);
    }

    private async Task RestartAsync(string data, Question question, Dictionary<string, string> expected)
    {
        var (program, address) = await RunningProgram.StartPromHostAsync(data, 0, OurFlags);
        await using (program)
        {
            Compare(await AskSnapshotAsync(address, data, question), expected, $"started on {data}");
            await program.StopAsync();
            program.Output.Should().NotContain("level=ERROR");
        }
    }

    // The text of values and histograms by the text of the labels.
    private static async Task<Dictionary<string, string>> AskAsync(Uri address, Question question)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = question.Query,
            ["time"] = question.TimeSeconds.ToString(CultureInfo.InvariantCulture),
        });
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/query"), form);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        return json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
            series => Text(series, "metric"),
            series => Text(series, "values") + Text(series, "histograms"),
            StringComparer.Ordinal);
    }

    private static string Text(JsonElement series, string name) =>
        series.TryGetProperty(name, out var value) ? value.GetRawText() : "";

    private static async Task<double> SendUntilAsync(Uri address, TimeSpan span)
    {
        var until = Math.Floor((DateTimeOffset.UtcNow + span).ToUnixTimeMilliseconds() / 1000.0);
        await Polling.UntilAsync("what was scraped is acknowledged", async () =>
        {
            // Its duration is a histogram that changes by it.
            await Polling.Http.GetStringAsync(new Uri(address, "/api/v1/query?query=up"));
            var metrics = await Polling.Http.GetStringAsync(new Uri(address, "/metrics"));
            var sent = HighestSent().Match(metrics);
            return sent.Success &&
                double.Parse(sent.Groups["value"].Value, CultureInfo.InvariantCulture) > until + 1;
        });
        return until;
    }

    // It knows its own port only once it runs: it finds its target in a file that is written then.
    private async Task<(RunningProgram Program, Uri Address)> StartScrapingAsync(Uri ourAddress)
    {
        var targets = Path.Combine(_folder, "targets.json");
        var config = $"""
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: self
                file_sd_configs:
                  - files: ['{targets}']
                    refresh_interval: 1s
            remote_write:
              - url: {ourAddress}api/v1/write
                send_native_histograms: true
                queue_config:
                  # One shard sends in order: what is older than the newest sample sent has been sent.
                  max_shards: 1
                  batch_send_deadline: 200ms
            """;
        var (program, address) = await PrometheusServer.StartAsync(Peers.Prometheus, Theirs, config, TheirFlags);
        await File.WriteAllTextAsync(targets, $$"""[{"targets": ["{{address.Authority}}"]}]""");
        return (program, address);
    }

    [GeneratedRegex(@"^prometheus_remote_storage_queue_highest_sent_timestamp_seconds\{.*\} (?<value>\S+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HighestSent();

    private sealed record Question(string Query, double TimeSeconds);
}
