using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>Twenty heavy queries and two hundred writers on a disk whose syncs take a tenth of a second.</summary>
public sealed partial class HeavyQueriesBesideIngestTests(ITestOutputHelper output) : IDisposable
{
    private const int Writers = 200;
    private const int Queries = 20;
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-ingest-").FullName;

    [Fact]
    public async Task HealthAndSmallQueries_AreNotDelayed()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PROMHOST_BESIDE_INGEST") == "1",
            "PROMHOST_BESIDE_INGEST is not 1: tests/nightly.sh storm");
        await using var program = RunningProgram.Start("env", [$"LD_PRELOAD={await CompileSlowSyncAsync()}",
            .. PromHostProgram.Command("--web.listen-address=127.0.0.1:0", $"--storage.tsdb.path={_folder}/data",
                "--storage.wal-fsync=always")]);
        var match = await program.WaitForAsync(Address());
        var server = new Uri(match.Value);
        await Polling.UntilAsync("PromHost is ready", async () =>
            (await Polling.Http.GetAsync(new Uri(server, "/-/ready"))).IsSuccessStatusCode);
        await HeavyQueries.LoadAsync(server);

        using var end = new CancellationTokenSource(s_duration);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        Task<int>[] writers = [.. Enumerable.Range(0, Writers).Select(i => WriteAsync(http, server, i, end.Token))];
        Task<int>[] queries = [.. Enumerable.Range(0, Queries).Select(i => AskAsync(http, server, i, end.Token))];
        var health = ProbeAsync(new Uri(server, "/-/healthy"), end.Token);
        var small = ProbeAsync(new Uri(server, "/api/v1/query?query=1"), end.Token);
        var written = (await Task.WhenAll(writers)).Sum();
        var asked = (await Task.WhenAll(queries)).Sum();

        var metrics = await http.GetStringAsync(
            new Uri(server, "/metrics"), TestContext.Current.CancellationToken);
        foreach (var line in metrics.Split('\n').Where(l => l.StartsWith("dotnet_gc_", StringComparison.Ordinal)))
            output.WriteLine(line);
        Report("/-/healthy", await health);
        Report("query=1", await small);
        output.WriteLine($"{written} batches written, {asked} heavy queries answered");
        // Syncs are shared: each writer could get through nine times a second, and gets through at least once.
        written.Should().BeGreaterThan(Writers * (int)s_duration.TotalSeconds);
        // The clients of this process compete for the same processors: the rest is for whoever reads the figures.
        Percentile(await health, 0.9).Should().BeLessThan(100);
        Percentile(await small, 0.9).Should().BeLessThan(100);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Takes the place of the C library's calls.
    private async Task<string> CompileSlowSyncAsync()
    {
        var source = Path.Combine(_folder, "slowsync.c");
        var library = Path.Combine(_folder, "slowsync.so");
        await File.WriteAllTextAsync(source, """
            #include <unistd.h>
            #include <sys/syscall.h>
            int fsync(int fd) { usleep(100000); return syscall(SYS_fsync, fd); }
            int fdatasync(int fd) { usleep(100000); return syscall(SYS_fdatasync, fd); }
            """);
        using var compiler = Process.Start("cc", ["-shared", "-fPIC", "-o", library, source]);
        await compiler.WaitForExitAsync();
        compiler.ExitCode.Should().Be(0);
        return library;
    }

    private static async Task<int> WriteAsync(HttpClient http, Uri server, int writer, CancellationToken end)
    {
        var count = 0;
        while (!end.IsCancellationRequested)
        {
            var timeMs = (HeavyQueries.EndSeconds * 1000) + count;
            using var content = WriteRequests.Content(
                "ingest_total", Enumerable.Range(0, 20).Select(s => ($"w{writer}_s{s}", timeMs, (double)count)));
            using var response = await http.PostAsync(
                new Uri(server, "/api/v1/write"), content, CancellationToken.None);
            response.StatusCode.Should().Be(HttpStatusCode.NoContent);
            count++;
        }

        return count;
    }

    private static async Task<int> AskAsync(HttpClient http, Uri server, int number, CancellationToken end)
    {
        string[] paths = [.. HeavyQueries.Paths()];
        var count = 0;
        for (var i = number; !end.IsCancellationRequested; i++)
        {
            try
            {
                using var response = await http.GetAsync(
                    new Uri(server, paths[i % paths.Length]), HttpCompletionOption.ResponseHeadersRead, end);
                if (response.IsSuccessStatusCode) await response.Content.CopyToAsync(Stream.Null, end);
                count++;
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                // The time is over.
            }
        }

        return count;
    }

    // On a thread and a connection of its own: what is measured is the server, not this process.
    private static Task<List<double>> ProbeAsync(Uri uri, CancellationToken end) => Task.Factory.StartNew(() =>
    {
        using var http = new HttpClient();
        var times = new List<double>();
        while (!end.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = http.Send(request, CancellationToken.None);
            response.StatusCode.Should().Be(HttpStatusCode.OK);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            end.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
        }

        return times;
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static double Percentile(List<double> times, double share)
    {
        double[] sorted = [.. times.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    private void Report(string what, List<double> times) => output.WriteLine(
        $"{what}: {times.Count} times, median {Percentile(times, 0.5):F1} ms, 99 % {Percentile(times, 0.99):F1} ms, " +
        $"longest {times.Max():F1} ms");

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, 5000)]
    private static partial Regex Address();
}
