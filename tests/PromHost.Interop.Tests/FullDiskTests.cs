using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using PromHost.Tsdb;

namespace PromHost.Interop.Tests;

/// <summary>
/// A real disk that is full: writes are refused with a reason, queries go on, compaction makes room with the reserve,
/// writes are taken again, and what was acknowledged is there after a kill, for Prometheus too.
/// </summary>
public partial class FullDiskTests
{
    private const string Metric = "full_disk";
    private const string Ballast = "ballast";
    private const int SeriesCount = 300;
    private const long StepMs = 30_000;
    private const long HourMs = 3_600_000;
    private const long Start = 486_000 * HourMs;
    private const long DiskBytes = 64L << 20;

    private readonly Dictionary<(string Series, long TimeMs), double> _acknowledged = [];

    [Fact]
    public async Task PromHost_OutlivesAFullDisk()
    {
        Peers.Require();
        await using var disk = await MountedFolder.CreateDiskAsync(DiskBytes);
        var data = Path.Combine(disk.Path, "data");
        var (promHost, address) = await StartAsync(data);
        await using (promHost)
        {
            // The first block is written, the log is cut behind it, room is reserved.
            await SendAllAsync(address, Start, Start + (3 * HourMs) + (10 * StepMs));
            await Polling.UntilAsync("there is a block and a reserve", async () =>
                Blocks(data) == 1 && IsReserved(data) && await IsIdleAsync(address));

            var now = await SendUntilRefusedAsync(address, disk, Start + (3 * HourMs) + (10 * StepMs));
            now.Should().BeLessThan(Start + (5 * HourMs), "nothing is to be compacted yet");
            await CheckAsync(address);
            CheckLog(data);

            // Somebody makes room: nothing else is needed.
            File.Delete(Path.Combine(disk.Path, Ballast));
            await Polling.UntilAsync("writes are taken again", async () =>
                await TrySendAsync(address, now) == HttpStatusCode.NoContent);

            // Now there is something to compact, and no room for it but the reserve.
            disk.Fill(Ballast, 48 * 1024);
            await Polling.UntilAsync("the head is long enough", async () =>
                await TrySendAsync(address, Start + (5 * HourMs) + StepMs) == HttpStatusCode.NoContent);
            await Polling.UntilAsync("there are two blocks", () => Task.FromResult(Blocks(data) == 2));
            await promHost.WaitForAsync(ReserveReleased());
            now = Start + (5 * HourMs) + (2 * StepMs);
            await Polling.UntilAsync("there is room again", async () =>
                await TrySendAsync(address, now) == HttpStatusCode.NoContent);
            await CheckAsync(address);
            await promHost.KillAsync();
        }

        await CheckCopyAsync(data);
        var (again, newAddress) = await StartAsync(data);
        await using (again) await CheckAsync(newAddress);
    }

    private static Task<(RunningProgram Program, Uri Address)> StartAsync(string data) =>
        RunningProgram.StartPromHostAsync(
            data, 0, "--storage.tsdb.retention.time=100y", "--storage.tsdb.wal-segment-size=10MB",
            "--storage.min-free-bytes=0B");

    private static int Blocks(string data) =>
        Directory.EnumerateDirectories(data, "0*").Count(path => !path.Contains(".tmp", StringComparison.Ordinal));

    // A reserve that is being made is there already, and empty: filling the disk then would leave it so.
    private static bool IsReserved(string data)
    {
        var reserve = new FileInfo(Path.Combine(data, "promhost/reserve"));
        return reserve.Exists && reserve.Length > 0;
    }

    private static async Task<bool> IsIdleAsync(Uri address)
    {
        var metrics = await Polling.Http.GetStringAsync(new Uri(address, "/metrics"));
        return metrics.Contains("\npromhost_tsdb_maintenance_running 0\n", StringComparison.Ordinal);
    }

    private async Task SendAllAsync(Uri address, long from, long to)
    {
        for (var time = from; time < to; time += StepMs)
            (await TrySendAsync(address, time)).Should().Be(HttpStatusCode.NoContent);
    }

    // What the server still deletes behind its first block is taken from it as well.
    private async Task<long> SendUntilRefusedAsync(Uri address, MountedFolder disk, long time)
    {
        disk.Fill(Ballast, 96 * 1024);
        while (await TrySendAsync(address, time) == HttpStatusCode.NoContent)
        {
            time += StepMs;
            disk.Fill(Ballast, 96 * 1024);
        }

        using var refused = await PostAsync(address, Samples(time));
        refused.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        refused.Headers.RetryAfter!.Delta.Should().BePositive();
        (await refused.Content.ReadAsStringAsync()).Should().Contain("no space left on device");
        return time;
    }

    private static List<(string Series, long TimeMs, double Value)> Samples(long time)
    {
        var samples = new List<(string, long, double)>(SeriesCount);
        for (var i = 0; i < SeriesCount; i++)
        {
            var name = i.ToString("d3", CultureInfo.InvariantCulture);
            samples.Add((name, time + i, time / StepMs * 2_654_435_761 % 100_000 / (i + 1.0)));
        }

        return samples;
    }

    private static async Task<HttpResponseMessage> PostAsync(
        Uri address, List<(string Series, long TimeMs, double Value)> samples)
    {
        using var content = WriteRequests.Content(Metric, samples);
        return await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
    }

    private async Task<HttpStatusCode> TrySendAsync(Uri address, long time)
    {
        var samples = Samples(time);
        using var response = await PostAsync(address, samples);
        if (response.StatusCode != HttpStatusCode.NoContent) return response.StatusCode;
        foreach (var (series, timeMs, value) in samples) _acknowledged[(series, timeMs)] = value;
        return response.StatusCode;
    }

    // Everything acknowledged is there; a batch that was refused is not.
    private async Task CheckAsync(Uri address)
    {
        var stored = await StoredSeries.ReadAsync(address, Metric, (Start + (10 * HourMs)) / 1000, "20h");
        stored.Should().HaveCount(_acknowledged.Count);
        stored.Except(_acknowledged).Should().BeEmpty();
    }

    // Cut back to its last record.
    private static void CheckLog(string data)
    {
        var copy = Directory.CreateTempSubdirectory("promhost-log-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(copy, "wal"));
            foreach (var segment in Directory.EnumerateFiles(Path.Combine(data, "wal")))
                File.Copy(segment, Path.Combine(copy, "wal", Path.GetFileName(segment)));
            DataVerification.Run(copy, null, TestContext.Current.CancellationToken).Problems.Should().BeEmpty();
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private async Task CheckCopyAsync(string data)
    {
        PrometheusReader.Complaints(await PrometheusReader.OpenAsync(data)).Should().BeEmpty();
        var dump = await PrometheusReader.DumpAsync(data);
        dump.Values.Sum(samples => samples.Count).Should().Be(_acknowledged.Count);
    }

    [GeneratedRegex("the reserve of", RegexOptions.None, 1000)]
    private static partial Regex ReserveReleased();
}
