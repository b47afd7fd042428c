using System.Globalization;
using System.Net;

namespace PromHost.Interop.Tests;

/// <summary>Data for heavy queries, and these queries: each would hold hundreds of megabytes.</summary>
internal static class HeavyQueries
{
    private const int SeriesCount = 3_000;
    private const int SampleCount = 360;
    private const int StepMs = 60_000;

    /// <summary>The last sample's time, seconds since the Unix epoch.</summary>
    public static long EndSeconds { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60 * 60;

    private static long StartMs => (EndSeconds * 1000) - ((SampleCount - 1) * (long)StepMs);

    /// <summary>Writes the data: six hours of 3,000 series.</summary>
    public static async Task LoadAsync(Uri server)
    {
        for (var i = 0; i < SampleCount; i++)
        {
            var timeMs = StartMs + (i * (long)StepMs);
            using var content = WriteRequests.Content(
                "heavy_total", Enumerable.Range(0, SeriesCount).Select(s => ($"s{s}", timeMs, (double)(i * (s + 1)))));
            using var response = await Polling.Http.PostAsync(new Uri(server, "/api/v1/write"), content);
            response.StatusCode.Should().Be(HttpStatusCode.NoContent);
        }
    }

    /// <summary>The paths of queries, each another way to need much memory or time.</summary>
    public static IEnumerable<string> Paths()
    {
        string[] queries =
        [
            "heavy_total",
            "sum by (series) (rate(heavy_total[5m]))",
            "quantile by (series) (0.9, heavy_total)",
            "heavy_total * on (series) heavy_total",
            "topk(3000, heavy_total)",
            "count_values(\"v\", heavy_total)",
            "max_over_time(heavy_total[6h:1s])",
            "sort(label_replace(heavy_total, \"a\", \"$1\", \"series\", \"(.*)\"))",
            "quantile_over_time(0.9, heavy_total[6h])",
            "sum(rate(heavy_total[5m])) + count(heavy_total)",
        ];
        var start = (StartMs / 1000).ToString(CultureInfo.InvariantCulture);
        var end = EndSeconds.ToString(CultureInfo.InvariantCulture);
        return queries.Select(query =>
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={start}&end={end}&step=2");
    }
}
