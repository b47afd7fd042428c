using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// A server is killed, and what its log needs is gone when it starts again: it says so, serves what there is and goes
/// on; the next start and Prometheus find nothing to complain of.
/// </summary>
public sealed partial class LostLogTests : IDisposable
{
    private const string Metric = "lost_log";
    private const int SeriesCount = 20;
    private const long StepMs = 60_000;
    private const long HourMs = 3_600_000;
    private const long Start = 450_000 * HourMs;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-lost-").FullName;
    private readonly HashSet<(string Series, long TimeMs)> _offered = [];
    private readonly List<(string Series, long TimeMs)> _acknowledged = [];

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Start_TellsOfLastSegments_AndGoesOnWithTheOthers(int count)
    {
        // Every start begins a segment; the head image is of the last but one.
        await RunAsync(Start, Start + HourMs, isKilled: false);
        await RunAsync(Start + HourMs, Start + (2 * HourMs), isKilled: false);
        var heldBefore = _acknowledged.ToList();
        await RunAsync(Start + (2 * HourMs), Start + (3 * HourMs), isKilled: true);
        var segments = Directory.EnumerateFiles(Path.Combine(Data, "wal")).Order(StringComparer.Ordinal).ToList();
        segments.Should().HaveCount(3);
        var lost = segments.TakeLast(count).ToList();
        foreach (var segment in lost) File.Delete(segment);
        var held = count == 2 ? heldBefore.Where(at => at.TimeMs < Start + HourMs).ToList() : [];

        await ShouldGoOnAsync($"wal/{Path.GetFileName(lost[0])}", "wal", held);
    }

    [Fact]
    public async Task Start_TellsOfACheckpoint_AndGoesOnWithTheBlocks()
    {
        for (var part = 0; part < 4; part++)
            await RunAsync(Start + (part * 5 * StepMs), Start + ((part + 1) * 5 * StepMs), isKilled: true);
        await RunAsync(Start + (20 * StepMs), Start + (5 * HourMs), isKilled: false, isCompacted: true);
        await RunAsync(Start + (5 * HourMs), Start + (6 * HourMs), isKilled: true);
        var checkpoint = Directory.EnumerateDirectories(Path.Combine(Data, "wal"), "checkpoint.*").Single();
        Directory.Delete(checkpoint, recursive: true);
        var held = _acknowledged.Where(at => at.TimeMs < BlocksEndMs()).ToList();
        held.Should().NotBeEmpty();

        await ShouldGoOnAsync($"wal/{Path.GetFileName(checkpoint)}", "checkpoint", held);
    }

    private static Task<(RunningProgram Program, Uri Address)> StartAsync(string data) =>
        RunningProgram.StartPromHostAsync(data, 0, "--storage.tsdb.retention.time=100y");

    private static double ValueOf((string Series, long TimeMs) at) => SampleSender.ValueOf(at.Series, at.TimeMs);

    private static async Task<List<(string Kind, string Path, string Reason)>> DamagesAsync(Uri address)
    {
        using var json = JsonDocument.Parse(
            await Polling.Http.GetStringAsync(new Uri(address, "/api/v1/status/damages")));
        return
        [
            .. json.RootElement.GetProperty("data").GetProperty("damages").EnumerateArray().Select(damage => (
                damage.GetProperty("kind").GetString()!,
                damage.GetProperty("path").GetString()!,
                damage.GetProperty("reason").GetString()!)),
        ];
    }

    private async Task RunAsync(long from, long to, bool isKilled, bool isCompacted = false)
    {
        var (server, address) = await StartAsync(Data);
        await using (server)
        {
            await SendAsync(address, from, to);
            if (isCompacted) await Polling.UntilAsync("there is a checkpoint", () => IsCheckpointWrittenAsync(address));
            if (!isKilled) await server.StopAsync();
            // Else disposing kills it.
        }
    }

    private async Task ShouldGoOnAsync(string path, string kind, List<(string Series, long TimeMs)> held)
    {
        var now = Start + (8 * HourMs);
        _acknowledged.Clear();
        _acknowledged.AddRange(held);
        var (server, address) = await StartAsync(Data);
        await using (server)
        {
            (await DamagesAsync(address)).Should().ContainSingle(damage =>
                damage.Path == path && damage.Kind == kind && damage.Reason.Contains("the head image names"));
            (await server.WaitForAsync(DamageLine())).Value.Should().Contain(path);
            await CheckAsync(address);
            await SendAsync(address, now, now + HourMs);
            await CheckAsync(address);
            await server.KillAsync();
        }

        if (Peers.Available)
        {
            // Nothing says any more whose some samples are.
            PrometheusReader.Complaints(await PrometheusReader.OpenAsync(Data))
                .Where(line => !line.Contains("Unknown series references")).Should().BeEmpty();
        }

        var (again, newAddress) = await StartAsync(Data);
        await using (again)
        {
            (await DamagesAsync(newAddress)).Should().BeEmpty();
            await CheckAsync(newAddress);
        }
    }

    private async Task SendAsync(Uri address, long from, long to)
    {
        for (var time = from; time < to; time += StepMs)
        {
            List<(string Series, long TimeMs)> samples =
                [.. Enumerable.Range(0, SeriesCount).Select(i => (i.ToString(CultureInfo.InvariantCulture), time))];
            _offered.UnionWith(samples);
            using var content = WriteRequests.Content(
                Metric, samples.Select(at => (at.Series, at.TimeMs, ValueOf(at))));
            using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
            response.StatusCode.Should().Be(HttpStatusCode.NoContent);
            _acknowledged.AddRange(samples);
        }
    }

    private async Task CheckAsync(Uri address)
    {
        var stored = await StoredSeries.ReadAsync(address, Metric, (Start + (10 * HourMs)) / 1000, "20h");
        _acknowledged.Where(at => !stored.TryGetValue(at, out var value) || value != ValueOf(at)).Should().BeEmpty();
        stored.Keys.Except(_offered).Should().BeEmpty();
    }

    private async Task<bool> IsCheckpointWrittenAsync(Uri address)
    {
        var metrics = await Polling.Http.GetStringAsync(new Uri(address, "/metrics"));
        return metrics.Contains("\npromhost_tsdb_maintenance_running 0\n", StringComparison.Ordinal) &&
            Directory.EnumerateDirectories(Path.Combine(Data, "wal"), "checkpoint.*")
                .Any(path => !path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    private long BlocksEndMs() => Directory.EnumerateFiles(Data, "meta.json", SearchOption.AllDirectories).Max(file =>
    {
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return json.RootElement.GetProperty("maxTime").GetInt64();
    });

    [GeneratedRegex("Damage.*the head image names", RegexOptions.None, 1000)]
    private static partial Regex DamageLine();
}
