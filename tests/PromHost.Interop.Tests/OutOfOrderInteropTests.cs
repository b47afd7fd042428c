using System.Globalization;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// A data directory with out-of-order samples, in their log and in mapped chunks, goes back and forth between
/// Prometheus and PromHost. Each takes more of them over remote write, is killed with SIGKILL, and both hold the same.
/// </summary>
public partial class OutOfOrderInteropTests
{
    private const string Metric = "late_test";
    private const int SeriesCount = 25;
    private const long Start = 1_700_000_000_000;
    private const long HourMs = 3_600_000;
    private const string LateConfig = "storage:\n  tsdb:\n    out_of_order_time_window: 4h\n";

    [Fact]
    public async Task OutOfOrderSamples_GoBackAndForth()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-late-").FullName;
        var data = Path.Combine(folder, "data");
        var expected = new Dictionary<(string Series, long TimeMs), double>();
        try
        {
            for (var round = 0; round < 5; round++)
            {
                var (program, address) = round % 2 == 0
                    ? await PrometheusServer.StartAsync(Peers.Prometheus, data, LateConfig)
                    : await RunningProgram.StartPromHostAsync(data);
                await using (program)
                {
                    await CheckAsync(address, expected, $"before round {round}");
                    await SendAsync(address, round, expected);
                    await program.KillAsync();
                }

                await CheckCopyAsync(data, expected, round);
                await ComparedDump.AssertSameAsync("dump", data);
            }

            Directory.GetFiles(Path.Combine(data, "chunks_head")).Should().NotBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Both read the directory as the killed one left it; nothing is to be repaired.
    private static async Task CheckCopyAsync(
        string data, Dictionary<(string Series, long TimeMs), double> expected, int round)
    {
        PrometheusReader.Complaints(await PrometheusReader.OpenAsync(data)).Should().BeEmpty($"after round {round}");
        var dump = await PrometheusReader.DumpAsync(data);
        var dumped = dump.SelectMany(
            s => s.Value.Select(v => ((SeriesLabel().Match(s.Key).Value, v.TimeMs),
                double.Parse(v.Value, CultureInfo.InvariantCulture)))).ToList();
        dumped.Select(sample => sample.Item1).Should().OnlyHaveUniqueItems();
        dumped.ToDictionary(sample => sample.Item1, sample => sample.Item2)
            .Except(expected).Should().BeEmpty($"after round {round}");
        dumped.Should().HaveCount(expected.Count, $"after round {round}");
    }

    private static async Task CheckAsync(
        Uri address, Dictionary<(string Series, long TimeMs), double> expected, string moment)
    {
        var stored = await StoredSeries.ReadAsync(address, Metric, (Start + (10 * HourMs)) / 1000);
        stored.Except(expected).Should().BeEmpty(moment);
        stored.Should().HaveCount(expected.Count, moment);
    }

    // In order first, which moves the head on; then 75 late samples of each series, ten minutes to two hours behind.
    private static async Task SendAsync(
        Uri address, int round, Dictionary<(string Series, long TimeMs), double> expected)
    {
        var random = new Random(round);
        var now = Start + (round * 60_000);
        await PostAsync(address, expected, [.. Series().Select(series => (series, now, round + 0.25))]);
        for (var batch = 0; batch < 75; batch++)
        {
            // Of each series in another order, never the same timestamp twice.
            var late = Series().Select(series =>
                (series, now - HourMs - 1 - (random.NextInt64(HourMs) / 100 * 100) - round, batch + (round * 1000.0)));
            await PostAsync(address, expected, [.. late.Where(s => !expected.ContainsKey((s.series, s.Item2)))]);
        }

        await CheckAsync(address, expected, $"in round {round}");
    }

    private static IEnumerable<string> Series() =>
        Enumerable.Range(0, SeriesCount).Select(i => i.ToString(CultureInfo.InvariantCulture));

    private static async Task PostAsync(
        Uri address,
        Dictionary<(string Series, long TimeMs), double> expected,
        List<(string Series, long TimeMs, double Value)> samples)
    {
        using var content = WriteRequests.Content(Metric, samples);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        foreach (var (series, timeMs, value) in samples) expected.Add((series, timeMs), value);
    }

    [GeneratedRegex(@"(?<=series="")\d+(?="")", RegexOptions.None, 1000)]
    private static partial Regex SeriesLabel();
}
