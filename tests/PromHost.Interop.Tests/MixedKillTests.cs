using System.Diagnostics;
using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>
/// SIGKILL at random moments under mixed load (samples in and out of order, new series, deletions, compactions,
/// checkpoints, head images): nothing acknowledged is missing, nothing deleted is back, nothing is there that was not
/// offered; and Prometheus opens a copy of the directory, finds nothing to repair and the same samples.
/// <c>PROMHOST_MIXED_KILLS</c> sets how often (default 4; the nightly run takes 100). Every tenth and the last one is
/// shown to Prometheus, with all samples; else those of the last hours are looked at, which all kills can hurt.
/// </summary>
public class MixedKillTests
{
    private const int RecentHours = 12;
    private const string Retention = "--storage.tsdb.retention.time=10y";

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("PROMHOST_MIXED_KILLS"),
        NumberStyles.None, CultureInfo.InvariantCulture, out var kills) ? kills : 4;

    [Fact]
    public async Task MixedLoad_SurvivesSigkill()
    {
        var folder = Directory.CreateTempSubdirectory("promhost-mixed-").FullName;
        var data = Path.Combine(folder, "data");
        var random = new Random(21);
        var clock = new MixedClock();
        MixedSender[] senders = [new(1, clock), new(2, clock), new(3, clock), new(4, clock)];
        try
        {
            for (var kill = 1; kill <= Kills; kill++)
            {
                var isWhole = kill % 10 == 0 || kill == Kills;
                await LoadAndKillAsync(data, senders, clock, random);
                if (isWhole) await CheckCopyInPrometheusAsync(folder, data, senders, clock, kill);
                // Some die again while they start.
                if (random.Next(3) == 0) await KillWhileStartingAsync(data, random);
                // Others are stopped, and start from a head image the next time.
                await CheckInPromHostAsync(data, senders, clock, kill, isWhole, isStopped: random.Next(2) == 0);
            }

            Directory.EnumerateFiles(data, "meta.json", SearchOption.AllDirectories).Should().NotBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task LoadAndKillAsync(
        string data, MixedSender[] senders, MixedClock clock, Random random)
    {
        var (program, address) =
            await RunningProgram.StartPromHostAsync(data, 0, Retention, "--web.enable-admin-api");
        await using (program)
        {
            using var http = new HttpClient();
            var load = Task.WhenAll(senders.Select(sender => Task.Run(() => sender.SendAsync(http, address))));
            // After as much work as about two hours of samples, at a moment that depends on nothing.
            await Task.WhenAny(load, clock.WaitForBatchesAsync(random.Next(20, 900)));
            await KillAtRandomAsync(program, load, random.Next(50));
            await load;
        }
    }

    private static async Task KillWhileStartingAsync(string data, Random random)
    {
        await using var program = RunningProgram.StartPromHost(data, 0, Retention);
        await KillAtRandomAsync(program, program.WaitForExitAsync(), random.Next(100, 1000));
    }

    // The moment of the kill is what is random here; nothing waits for it.
    private static async Task KillAtRandomAsync(RunningProgram program, Task end, int afterMs)
    {
        await Task.WhenAny(end, Task.Delay(afterMs, TestContext.Current.CancellationToken));
        await program.KillAsync();
    }

    private static async Task CheckInPromHostAsync(
        string data, MixedSender[] senders, MixedClock clock, int kill, bool isWhole, bool isStopped)
    {
        var (program, address) = await RunningProgram.StartPromHostAsync(data, 0, Retention);
        await using (program)
        {
            var fromMs = isWhole ? 0 : clock.NowMs - (RecentHours * 3_600_000L);
            var range = isWhole ? "1y" : $"{RecentHours}h";
            Check(await ReadAsync(address, clock, range), senders, fromMs, $"PromHost after kill {kill}");
            if (isStopped) await program.StopAsync();
        }
    }

    private static async Task CheckCopyInPrometheusAsync(
        string folder, string data, MixedSender[] senders, MixedClock clock, int kill)
    {
        if (!Peers.Available) return;
        var copy = Path.Combine(folder, "copy");
        using (var copying = Process.Start("cp", ["-r", "--sparse=always", data, copy]))
        {
            await copying.WaitForExitAsync();
            copying.ExitCode.Should().Be(0);
        }

        var (prometheus, address) = await PrometheusServer.StartAsync(
            Peers.Prometheus, copy, "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n");
        await using (prometheus)
        {
            // Blocks of what came late overlap others until they are merged.
            PrometheusReader.Complaints(prometheus.Output.Split('\n'))
                .Where(line => !line.Contains("Overlapping blocks found")).Should().BeEmpty($"after kill {kill}");
            Check(await ReadAsync(address, clock, "1y"), senders, 0, $"Prometheus after kill {kill}");
        }

        Directory.Delete(copy, recursive: true);
    }

    private static Task<Dictionary<(string Series, long TimeMs), double>> ReadAsync(
        Uri address, MixedClock clock, string range) =>
        StoredSeries.ReadAsync(address, MixedSender.Metric, clock.NowMs / 1000, range);

    private static void Check(
        Dictionary<(string Series, long TimeMs), double> stored, MixedSender[] senders, long fromMs, string moment)
    {
        var maybeDeleted = senders.SelectMany(sender => sender.MaybeDeleted).ToHashSet(StringComparer.Ordinal);
        var missing = senders.SelectMany(sender => sender.Acknowledged)
            .Where(at => at.TimeMs > fromMs && !stored.ContainsKey(at) && !maybeDeleted.Contains(at.Series))
            .OrderBy(at => at.TimeMs).ToList();
        string.Join(' ', missing.Take(5)).Should().BeEmpty($"{moment}: {missing.Count} acknowledged samples are lost");
        var deleted = senders.SelectMany(sender => sender.Deleted).ToHashSet(StringComparer.Ordinal);
        stored.Keys.Where(at => deleted.Contains(at.Series)).Take(5).Should().BeEmpty($"{moment}: it was deleted");
        stored.Keys.Where(at => !senders.Any(sender => sender.Offered.Contains(at))).Take(5)
            .Should().BeEmpty($"{moment}: what is stored was offered");
        stored.Where(at => at.Value != SampleSender.ValueOf(at.Key.Series, at.Key.TimeMs)).Take(5)
            .Should().BeEmpty(moment);
    }
}
