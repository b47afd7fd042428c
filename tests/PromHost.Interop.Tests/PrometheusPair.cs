using System.Globalization;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// A real Prometheus that scrapes itself and node_exporter every second and writes to PromHost. Started once for all
/// tests; gathers the answers of both servers to every query of the list, kills PromHost, and gathers again.
/// </summary>
public sealed partial class PrometheusPair : IAsyncLifetime
{
    private const int SecondsOfData = 60;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-interop-").FullName;
    private readonly List<RunningProgram> _programs = [];
    private RunningProgram? _promHost;
    private Uri _prometheusAddress = new("http://127.0.0.1");

    /// <summary>The answers to each query: Prometheus's, PromHost's, and PromHost's after it was killed.</summary>
    internal IReadOnlyDictionary<string, Answers> AnswersByQuery { get; private set; } =
        new Dictionary<string, Answers>(StringComparer.Ordinal);

    /// <summary>Where PromHost listens now.</summary>
    internal Uri PromHostAddress { get; private set; } = new("http://127.0.0.1");

    /// <summary>The end of the compared range, seconds since the Unix epoch.</summary>
    internal long EndSeconds { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (!Peers.Available) return;
        (_promHost, PromHostAddress) = await RunningProgram.StartPromHostAsync(Path.Combine(_folder, "promhost"));
        var firstSeconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await StartPrometheusAsync();
        EndSeconds = firstSeconds + SecondsOfData + 2;
        await Polling.UntilAsync("60 s of data are acknowledged", async () => await SentUntilAsync() > EndSeconds + 2);

        var answers = new Dictionary<string, Answers>(StringComparer.Ordinal);
        foreach (var query in ComparedQuery.All)
        {
            answers[query.Name] = new Answers(
                await AskAsync(_prometheusAddress, query), await AskAsync(PromHostAddress, query), null);
        }

        await _promHost.KillAsync();
        // Where it was before, so that the Prometheus goes on writing to it.
        (_promHost, PromHostAddress) = await RunningProgram.StartPromHostAsync(
            Path.Combine(_folder, "promhost"), PromHostAddress.Port);
        foreach (var query in ComparedQuery.All)
            answers[query.Name] = answers[query.Name] with { AfterKill = await AskAsync(PromHostAddress, query) };
        AnswersByQuery = answers;
    }

    public async ValueTask DisposeAsync()
    {
        if (_promHost is not null) await _promHost.DisposeAsync();
        foreach (var program in _programs) await program.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartPrometheusAsync()
    {
        var exporter = RunningProgram.Start(Peers.NodeExporter, "--web.listen-address=127.0.0.1:0");
        _programs.Add(exporter);
        var exporterAddress = (await exporter.WaitForAsync(ListeningOn())).Groups["address"].Value;

        // Prometheus knows its own port only once it runs: it finds its targets in a file that is written then.
        var targets = Path.Combine(_folder, "targets.json");
        var config = Path.Combine(_folder, "prometheus.yml");
        await File.WriteAllTextAsync(config, $"""
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: all
                file_sd_configs:
                  - files: ['{targets}']
                    refresh_interval: 1s
            remote_write:
              - url: {PromHostAddress}api/v1/write
                queue_config:
                  # One shard sends in order: what is older than the newest sample sent has been sent.
                  max_shards: 1
                  batch_send_deadline: 200ms
                metadata_config:
                  send_interval: 1s
            """);
        var prometheus = RunningProgram.Start(Peers.Prometheus, $"--config.file={config}",
            $"--storage.tsdb.path={Path.Combine(_folder, "prometheus")}", "--web.listen-address=127.0.0.1:0");
        _programs.Add(prometheus);
        var address = (await prometheus.WaitForAsync(ListeningOn())).Groups["address"].Value;
        _prometheusAddress = new Uri($"http://{address}");
        await File.WriteAllTextAsync(targets, $$"""
            [
              {"targets": ["{{address}}"], "labels": {"job": "prometheus"} },
              {"targets": ["{{exporterAddress}}"], "labels": {"job": "node"} }
            ]
            """);
    }

    private async Task<double> SentUntilAsync()
    {
        var metrics = await Polling.Http.GetStringAsync(new Uri(_prometheusAddress, "/metrics"));
        var sent = HighestSent().Match(metrics);
        var pending = Pending().Match(metrics);
        if (!sent.Success || !pending.Success) return 0;
        return double.Parse(sent.Groups["value"].Value, CultureInfo.InvariantCulture);
    }

    private async Task<string> AskAsync(Uri server, ComparedQuery query)
    {
        var form = query.Form(EndSeconds);
        var path = query.IsRange ? "/api/v1/query_range" : "/api/v1/query";
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        return await response.Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"msg=""Listening on"".*address=(?<address>[\d.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningOn();

    [GeneratedRegex(@"^prometheus_remote_storage_queue_highest_sent_timestamp_seconds\{.*\} (?<value>\S+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HighestSent();

    [GeneratedRegex(@"^prometheus_remote_storage_samples_pending\{.*\} (?<value>\S+)",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Pending();

    internal sealed record Answers(string Prometheus, string PromHost, string? AfterKill);
}
