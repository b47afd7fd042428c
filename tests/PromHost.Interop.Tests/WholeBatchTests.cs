using System.Globalization;
using System.Text.Json;

namespace PromHost.Interop.Tests;

/// <summary>
/// A writer sets 10,000 series to the same number in one batch, over and over: no query ever sees a part of a batch.
/// </summary>
public class WholeBatchTests
{
    private const int SeriesCount = 10_000;
    private const int Batches = 40;
    private const long StartSeconds = 1_700_000_000;
    private const string DistinctValues = "count(count by (v) (count_values(\"v\", whole_batch)))";

    [Fact]
    public async Task Queries_SeeBatchesWholeOrNotAtAll()
    {
        var folder = Directory.CreateTempSubdirectory("promhost-batch-").FullName;
        try
        {
            var (program, address) = await RunningProgram.StartPromHostAsync(folder);
            await using (program)
            {
                var writer = Task.Run(() => WriteAsync(address), TestContext.Current.CancellationToken);
                var queries = 0;
                while (!writer.IsCompleted || queries == 0)
                {
                    await CheckAsync(address, "/api/v1/query", $"time={StartSeconds + Batches}");
                    await CheckAsync(
                        address,
                        "/api/v1/query_range",
                        $"start={StartSeconds}&end={StartSeconds + Batches}&step=1");
                    queries++;
                }

                await writer;
                await CheckAsync(address, "/api/v1/query", $"time={StartSeconds + Batches}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteAsync(Uri address)
    {
        for (var i = 1; i <= Batches; i++)
        {
            var timeMs = (StartSeconds + i) * 1000;
            using var content = WriteRequests.Content(
                "whole_batch", Enumerable.Range(0, SeriesCount).Select(series => ($"s{series}", timeMs, (double)i)));
            using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
            response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        }
    }

    private static async Task CheckAsync(Uri address, string path, string range)
    {
        var query = Uri.EscapeDataString(DistinctValues);
        using var response = await Polling.Http.GetAsync(new Uri(address, $"{path}?query={query}&{range}"));
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        foreach (var series in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var points = series.TryGetProperty("value", out var value)
                ? [value]
                : series.GetProperty("values").EnumerateArray().ToList();
            foreach (var point in points)
                point[1].GetString().Should().Be(1.ToString(CultureInfo.InvariantCulture), $"{path} at {point[0]}");
        }
    }
}
