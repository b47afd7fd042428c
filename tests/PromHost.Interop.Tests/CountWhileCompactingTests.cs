using System.Globalization;
using System.Text.Json;

namespace PromHost.Interop.Tests;

/// <summary>
/// Queries in a loop while the head compacts, truncates and deletes: <c>count_over_time</c> never dips, and nothing is
/// seen twice. Samples in order and late ones of simulated hours; other series are deleted meanwhile.
/// </summary>
public class CountWhileCompactingTests
{
    private const int SeriesCount = 100;
    private const int Batches = 2000;
    private const int BatchesPerDeletion = 200;
    private const long StepMs = 20_000;
    private const long StartMs = 1_700_000_000_000;
    private const long LatenessMs = 5_400_000;
    private static readonly string[] Metrics = ["count_test", "late_test", "gone_test"];

    // Requests of each metric that were sent, and that were acknowledged.
    private readonly int[] _offered = new int[Metrics.Length];
    private readonly int[] _acknowledged = new int[Metrics.Length];

    [Fact]
    public async Task CountOverTime_NeverDips_AndNothingIsSeenTwice()
    {
        var folder = Directory.CreateTempSubdirectory("promhost-count-").FullName;
        try
        {
            var (program, address) = await RunningProgram.StartPromHostAsync(
                folder, 0, "--web.enable-admin-api", "--storage.tsdb.retention.time=10y");
            await using (program)
            {
                var writer = Task.Run(() => WriteAsync(address), TestContext.Current.CancellationToken);
                var readers = Enumerable.Range(0, 2).Select(
                    metric => Task.Run(() => ReadAsync(address, metric, writer)));
                await Task.WhenAll([writer, .. readers]);
                // Or else nothing was tried.
                (await MetricAsync(address, "prometheus_tsdb_head_truncations_total")).Should().BeGreaterThan(2);
                (await MetricAsync(address, "prometheus_tsdb_vertical_compactions_total")).Should().BeGreaterThan(0);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task WriteAsync(Uri address)
    {
        for (var batch = 1; batch <= Batches; batch++)
        {
            var timeMs = StartMs + (batch * StepMs);
            await SendAsync(address, 0, timeMs);
            // An odd millisecond keeps them apart from those in order.
            await SendAsync(address, 1, timeMs, timeMs - LatenessMs + 1);
            if (batch % BatchesPerDeletion != 0) continue;
            await SendAsync(address, 2, timeMs, timeMs - LatenessMs + 1);
            using var deleted = await Polling.Http.PostAsync(
                new Uri(address, "/api/v1/admin/tsdb/delete_series?match[]=gone_test"), null);
            deleted.IsSuccessStatusCode.Should().BeTrue(await deleted.Content.ReadAsStringAsync());
            (await CountAsync(address, 2)).Should().Be(0);
        }
    }

    private async Task SendAsync(Uri address, int metric, params long[] timesMs)
    {
        using var content = WriteRequests.Content(
            Metrics[metric],
            Enumerable.Range(0, SeriesCount).SelectMany(
                series => timesMs.Select(timeMs => ($"s{series}", timeMs, (double)series))));
        Interlocked.Increment(ref _offered[metric]);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        Interlocked.Increment(ref _acknowledged[metric]);
    }

    private async Task ReadAsync(Uri address, int metric, Task writer)
    {
        var samplesPerBatch = (metric + 1) * SeriesCount;
        var isLast = false;
        while (!isLast)
        {
            isLast = writer.IsCompleted;
            var least = Volatile.Read(ref _acknowledged[metric]);
            var count = await CountAsync(address, metric);
            var most = Volatile.Read(ref _offered[metric]);
            count.Should().BeInRange(least * samplesPerBatch, most * samplesPerBatch, Metrics[metric]);
            (count % samplesPerBatch).Should().Be(0, Metrics[metric]);
        }
    }

    private static async Task<int> CountAsync(Uri address, int metric)
    {
        var query = Uri.EscapeDataString($"sum(count_over_time({Metrics[metric]}[2d])) or vector(0)");
        const long EndSeconds = (StartMs + (Batches * StepMs)) / 1000;
        using var response = await Polling.Http.GetAsync(
            new Uri(address, $"/api/v1/query?query={query}&time={EndSeconds}"));
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        var result = json.RootElement.GetProperty("data").GetProperty("result");
        return int.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    private static async Task<double> MetricAsync(Uri address, string name)
    {
        var text = await Polling.Http.GetStringAsync(new Uri(address, "/metrics"));
        var line = text.Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }
}
