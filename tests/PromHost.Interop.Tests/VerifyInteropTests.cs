using System.Globalization;
using PromHost.Tsdb;

namespace PromHost.Interop.Tests;

/// <summary>What Prometheus wrote is verified here without a complaint.</summary>
public class VerifyInteropTests
{
    private const int Rounds = 360;
    private const long StepMs = 180_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Verify_FindsNothing_InADirectoryOfPrometheus(bool old)
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-verify-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            await FillAsync(data, old ? Peers.OldPrometheus : Peers.Prometheus);

            var report = DataVerification.Run(data, null, TestContext.Current.CancellationToken);

            report.Problems.Should().BeEmpty();
            report.BlockCount.Should().BePositive();
            Directory.EnumerateFileSystemEntries(Path.Combine(data, "wbl")).Should().NotBeEmpty();
            Directory.EnumerateDirectories(Path.Combine(data, "wal"), "checkpoint.*").Should().NotBeEmpty();
            Directory.EnumerateFiles(Path.Combine(data, "chunks_head")).Should().NotBeEmpty();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Eighteen hours in order, so that blocks and a checkpoint are made, with late samples among them; then a kill.
    private static async Task FillAsync(string data, string program)
    {
        var (prometheus, address) = await PrometheusServer.StartAsync(
            program,
            data,
            "storage:\n  tsdb:\n    out_of_order_time_window: 1h\n",
            "--storage.tsdb.wal-segment-size=10MB");
        await using var closing = prometheus;
        var startMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - (Rounds * StepMs);
        for (var round = 0; round < Rounds; round++)
        {
            // Every compaction begins a segment; the log is cut when there are enough of them.
            if (round > 100 && round % 40 == 0)
            {
                var wanted = (round / 40) - 1;
                await Polling.UntilAsync($"{wanted} segments", () => Task.FromResult(
                    Directory.EnumerateFileSystemEntries(Path.Combine(data, "wal")).Count() >= wanted ||
                    Exists(Path.Combine(data, "wal"))));
            }

            var timeMs = startMs + (round * StepMs);
            await WriteAsync(address, 400, timeMs, round);
            if (round % 7 == 6) await WriteAsync(address, 40, timeMs - (5 * StepMs) + 7, round);
        }

        await Polling.UntilAsync(
            "there is a checkpoint", () => Task.FromResult(Exists(Path.Combine(data, "wal"))));
        await prometheus.KillAsync();
    }

    private static bool Exists(string wal) => Directory.EnumerateDirectories(wal, "checkpoint.????????").Any();

    private static async Task WriteAsync(Uri address, int series, long timeMs, int round)
    {
        using var content = WriteRequests.Content(
            "verified",
            Enumerable.Range(0, series).Select(
                i => (i.ToString(CultureInfo.InvariantCulture), timeMs, (double)(round * i))));
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
        response.EnsureSuccessStatusCode();
    }
}
