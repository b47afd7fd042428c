using System.Globalization;
using System.Text.Json;

namespace PromHost.Interop.Tests;

/// <summary>Reads back all samples of a metric over the query API, of PromHost or Prometheus.</summary>
internal static class StoredSeries
{
    /// <summary>The samples of <c>metric{series="…"}</c> in a range, by default the quarter, before a time.</summary>
    public static async Task<Dictionary<(string Series, long TimeMs), double>> ReadAsync(
        Uri address, string metric, long seconds, string range = "90d")
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = $"{metric}[{range}]",
            ["time"] = seconds.ToString(CultureInfo.InvariantCulture),
        };
        using var content = new FormUrlEncodedContent(form);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/query"), content);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
        var stored = new Dictionary<(string, long), double>();
        foreach (var series in json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var name = series.GetProperty("metric").GetProperty("series").GetString()!;
            foreach (var point in series.GetProperty("values").EnumerateArray())
            {
                var timeMs = (long)Math.Round(point[0].GetDouble() * 1000);
                stored.Add((name, timeMs), double.Parse(point[1].GetString()!, CultureInfo.InvariantCulture));
            }
        }

        return stored;
    }
}
