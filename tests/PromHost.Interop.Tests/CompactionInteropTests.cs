using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// Prometheus and PromHost are sent a day of the same samples, and compact it while it comes: to the same blocks, ours
/// no larger. Killed and opened by Prometheus, ours hold every sample once.
/// </summary>
public partial class CompactionInteropTests
{
    private const int SeriesCount = 40;
    private const int Hours = 25;
    private const long StepMs = 30_000;
    private const long HourMs = 3_600_000;

    // The beginning of a block of 2 hours, of one of 6 and of one of 18.
    private const long Start = 486_000 * HourMs;

    [Fact]
    public async Task ADayOfSamples_BecomesTheBlocksThatPrometheusMakes()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-compaction-").FullName;
        var ours = Path.Combine(folder, "ours");
        var theirs = Path.Combine(folder, "theirs");
        try
        {
            var (promHost, ourAddress) = await RunningProgram.StartPromHostAsync(
                ours, 0, "--storage.tsdb.retention.time=100y");
            await using (promHost)
            {
                var (prometheus, theirAddress) = await PrometheusServer.StartAsync(
                    Peers.Prometheus, theirs, config: "");
                await using (prometheus)
                {
                    await SendAsync(ourAddress, theirAddress);
                    await Polling.UntilAsync(
                        "both have compacted", () => Task.FromResult(IsDone(theirs) && IsDone(ours)));
                    await prometheus.StopAsync();
                }

                await CheckQueryAsync(ourAddress);
                await promHost.KillAsync();
            }

            AssertSameBlocks(Blocks(ours), Blocks(theirs));
            await CheckToolsAsync(ours);
            await CheckCopyAsync(ours);
            var (again, address) = await RunningProgram.StartPromHostAsync(
                ours, 0, "--storage.tsdb.retention.time=100y");
            await using (again) await CheckQueryAsync(address);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Counters, constants and gauges.
    private static double ValueAt(int series, long timeMs) => (series % 4) switch
    {
        0 => series,
        1 => (timeMs - Start) / 1000 * (series + 1),
        2 => Math.Round(Math.Sin(timeMs / 600_000.0) * 100, 2),
        _ => timeMs / StepMs * 2_654_435_761 % 1000,
    };

    private static async Task SendAsync(params Uri[] addresses)
    {
        const int StepsPerRequest = 10;
        for (var time = Start; time < Start + (Hours * HourMs); time += StepsPerRequest * StepMs)
        {
            var samples = new List<(string, long, double)>();
            for (var at = time; at < time + (StepsPerRequest * StepMs); at += StepMs)
            {
                for (var i = 0; i < SeriesCount; i++)
                    samples.Add((i.ToString("d3", CultureInfo.InvariantCulture), at + (i * 11), ValueAt(i, at)));
            }

            foreach (var address in addresses)
            {
                using var content = WriteRequests.Content("day_test", samples);
                using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
                response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            }
        }
    }

    // 0-18, 18-20 and 20-22 hours; the three newest hours are in the head.
    private static bool IsDone(string data) =>
        Blocks(data).Select(block => (block.MaxTimeMs - Start) / HourMs).SequenceEqual([18L, 20L, 22L]);

    private static List<FoundBlock> Blocks(string data)
    {
        var blocks = new List<FoundBlock>();
        foreach (var path in Directory.EnumerateDirectories(data, "0*").Where(path => !path.Contains(".tmp")))
        {
            try
            {
                using var meta = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(path, "meta.json")));
                var stats = meta.RootElement.GetProperty("stats");
                blocks.Add(new FoundBlock(
                    meta.RootElement.GetProperty("minTime").GetInt64(),
                    meta.RootElement.GetProperty("maxTime").GetInt64(),
                    stats.GetProperty("numSamples").GetInt64(),
                    stats.GetProperty("numSeries").GetInt64(),
                    stats.GetProperty("numChunks").GetInt64(),
                    meta.RootElement.GetProperty("compaction").GetProperty("level").GetInt32(),
                    new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories)
                        .Where(file => file.Name != "meta.json").Sum(file => file.Length)));
            }
            catch (IOException)
            {
                // Compacted into another one meanwhile.
            }
        }

        return [.. blocks.OrderBy(block => block.MinTimeMs)];
    }

    private static void AssertSameBlocks(List<FoundBlock> ours, List<FoundBlock> theirs)
    {
        ours.Select(block => block with { SizeBytes = 0 }).Should()
            .Equal(theirs.Select(block => block with { SizeBytes = 0 }));
        for (var i = 0; i < ours.Count; i++) ours[i].SizeBytes.Should().BeLessThanOrEqualTo(theirs[i].SizeBytes);
    }

    private static async Task CheckQueryAsync(Uri address)
    {
        const int Samples = SeriesCount * Hours * (int)(HourMs / StepMs);
        var time = (Start + (Hours * HourMs)) / 1000;
        var query = new Uri(address, $"/api/v1/query?query=sum(count_over_time(day_test[30h]))&time={time}");
        using var result = JsonDocument.Parse(await Polling.Http.GetByteArrayAsync(query));
        result.RootElement.GetProperty("data").GetProperty("result")[0].GetProperty("value")[1].GetString()
            .Should().Be(Samples.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task CheckToolsAsync(string data)
    {
        foreach (var promtool in new[] { Peers.Promtool, Peers.OldPromtool })
        {
            foreach (var command in new[] { "list", "analyze" })
            {
                await using var program = RunningProgram.Start(promtool, "tsdb", command, data);
                (await program.WaitForExitAsync()).Should().Be(0, program.Output);
            }
        }
    }

    private static async Task CheckCopyAsync(string data)
    {
        PrometheusReader.Complaints(await PrometheusReader.OpenAsync(data)).Should().BeEmpty();
        var dump = await PrometheusReader.DumpAsync(data);
        dump.Should().HaveCount(SeriesCount);
        foreach (var (labels, samples) in dump)
        {
            var series = int.Parse(SeriesLabel().Match(labels).Value, CultureInfo.InvariantCulture);
            samples.Should().HaveCount(Hours * (int)(HourMs / StepMs));
            for (var i = 0; i < samples.Count; i++)
            {
                var at = Start + (i * StepMs);
                samples[i].TimeMs.Should().Be(at + (series * 11));
                double.Parse(samples[i].Value, CultureInfo.InvariantCulture).Should().Be(ValueAt(series, at));
            }
        }
    }

    [GeneratedRegex(@"(?<=series="")\d+(?="")", RegexOptions.None, 1000)]
    private static partial Regex SeriesLabel();

    private sealed record FoundBlock(
        long MinTimeMs, long MaxTimeMs, long Samples, long Series, long Chunks, int Level, long SizeBytes);
}
