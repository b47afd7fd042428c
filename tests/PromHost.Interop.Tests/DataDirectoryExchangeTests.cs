using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// One data directory that PromHost and Prometheus use in turn, back and forth five times, ended by SIGKILL or in
/// order: each reads all that both wrote, and Prometheus finds nothing to repair.
/// </summary>
public partial class DataDirectoryExchangeTests
{
    private const int Rounds = 5;
    private const int SeriesCount = 30;
    private const int BatchesPerTurn = 160;
    private const long StepMs = 15_000;
    private const string Metric = "exchange_test";
    private const long StartMs = 1_700_006_400_000;

    private readonly Dictionary<(string Series, long TimeMs), double> _written = [];
    private long _timeMs = StartMs;

    [Theory]
    [InlineData("3.5")]
    [InlineData("2.42")]
    public async Task Directory_KeepsEverything_WhenBothUseItInTurn(string version)
    {
        Peers.Require();
        var binary = version == "2.42" ? Peers.OldPrometheus : Peers.Prometheus;
        var folder = Directory.CreateTempSubdirectory("promhost-exchange-").FullName;
        var data = Path.Combine(folder, "data");
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                var (promHost, address) = await RunningProgram.StartPromHostAsync(data);
                await using (promHost)
                    await TakeTurnAsync(promHost, address, $"PromHost, round {round}", round % 2 == 0);

                (var prometheus, address) = await PrometheusServer.StartAsync(binary, data, config: "");
                await using (prometheus)
                {
                    await TakeTurnAsync(prometheus, address, $"Prometheus, round {round}", round % 3 == 0);
                    Complaint().Match(prometheus.Output).Value.Should().BeEmpty("Prometheus has nothing to repair");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task TakeTurnAsync(RunningProgram program, Uri address, string turn, bool isKilled)
    {
        await CheckAsync(address, turn + " at its start");
        for (var batch = 0; batch < BatchesPerTurn; batch++)
        {
            _timeMs += StepMs;
            var samples = Enumerable.Range(_written.Count % 7, SeriesCount)
                .Select(number => (Series: $"s{number}", TimeMs: _timeMs, Value: (_timeMs % 86_400_000.0) + number))
                .ToList();
            using var content = WriteRequests.Content(Metric, samples);
            using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
            response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            foreach (var sample in samples) _written.Add((sample.Series, sample.TimeMs), sample.Value);
        }

        await CheckAsync(address, turn + " at its end");
        if (isKilled) await program.KillAsync();
        else await program.StopAsync();
    }

    private async Task CheckAsync(Uri address, string moment)
    {
        var stored = await StoredSeries.ReadAsync(address, Metric, (_timeMs / 1000) + 1);
        var missing = _written.Keys.Except(stored.Keys).Order().ToList();
        string.Join(' ', missing.Take(5)).Should().BeEmpty($"{moment}: {missing.Count} samples are missing");
        stored.Where(s => !_written.TryGetValue(s.Key, out var value) || value != s.Value)
            .Should().BeEmpty($"{moment}: what is stored was written");
    }

    // A Prometheus that is stopped while it compacts says so as an error.
    [GeneratedRegex(
        "^(?!.*(?:lockfile|healthy block|context canceled))" +
        ".*(?:repair|corrupt|[Uu]nknown series|(?i:level=(?:warn|error)).*tsdb).*$",
        RegexOptions.Multiline,
        1000)]
    private static partial Regex Complaint();
}
