using System.Globalization;
using System.Net;

namespace PromHost.Interop.Tests;

/// <summary>
/// One connection of a mixed load: new and old series, samples in and out of order, now and then the deletion of a
/// series. Remembers what was offered, acknowledged and deleted.
/// </summary>
/// <param name="connection">Its number, part of its series' names.</param>
/// <param name="clock">The simulated time that all connections share.</param>
internal sealed class MixedSender(int connection, MixedClock clock)
{
    /// <summary>The metric of all series.</summary>
    public const string Metric = "mixed_test";

    private const int SeriesPerBatch = 40;
    private const int NewSeriesPerBatch = 4;
    private const int BatchesPerDeletion = 50;
    private const long MaxLatenessMs = 100 * 60_000;
    private readonly Random _random = new(connection);

    // The newest ones get samples, the others have ended and may be deleted.
    private readonly List<string> _series = [];
    private int _batch;

    /// <summary>Acknowledged samples.</summary>
    public HashSet<(string Series, long TimeMs)> Acknowledged { get; } = [];

    /// <summary>All samples that were ever sent.</summary>
    public HashSet<(string Series, long TimeMs)> Offered { get; } = [];

    /// <summary>Series whose deletion was acknowledged: nothing of them may be there.</summary>
    public HashSet<string> Deleted { get; } = new(StringComparer.Ordinal);

    /// <summary>Series whose deletion was asked for, answered or not: nothing of them must be there.</summary>
    public HashSet<string> MaybeDeleted { get; } = new(StringComparer.Ordinal);

    /// <summary>Sends until the server is gone.</summary>
    public async Task SendAsync(HttpClient http, Uri server)
    {
        try
        {
            while (true)
            {
                _batch++;
                await SendBatchAsync(http, server);
                if (_batch % BatchesPerDeletion == 0) await DeleteAsync(http, server);
            }
        }
        catch (HttpRequestException)
        {
            // Killed.
        }
    }

    private async Task SendBatchAsync(HttpClient http, Uri server)
    {
        var samples = NextBatch();
        Offered.UnionWith(samples);
        using var content = WriteRequests.Content(
            Metric, samples.Select(at => (at.Series, at.TimeMs, SampleSender.ValueOf(at.Series, at.TimeMs))));
        using var response = await http.PostAsync(new Uri(server, "/api/v1/write"), content);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
        Acknowledged.UnionWith(samples);
    }

    private async Task DeleteAsync(HttpClient http, Uri server)
    {
        if (_series.Count < 2 * SeriesPerBatch) return;
        var index = _random.Next(_series.Count - SeriesPerBatch);
        var series = _series[index];
        _series.RemoveAt(index);
        MaybeDeleted.Add(series);
        var matcher = Uri.EscapeDataString($"{Metric}{{series=\"{series}\"}}");
        using var response = await http.PostAsync(
            new Uri(server, $"/api/v1/admin/tsdb/delete_series?match[]={matcher}"), null);
        response.StatusCode.Should().Be(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
        Deleted.Add(series);
    }

    // Every third batch is late. Odd milliseconds keep it apart from what was sent in order.
    private List<(string Series, long TimeMs)> NextBatch()
    {
        for (var i = 0; i < NewSeriesPerBatch; i++)
            _series.Add(string.Create(CultureInfo.InvariantCulture, $"c{connection}_b{_batch}_s{i}"));
        var timeMs = clock.Next();
        if (_batch % 3 == 0) timeMs -= _random.NextInt64(MaxLatenessMs) | 1;
        return [.. _series.TakeLast(SeriesPerBatch).Select(series => (series, timeMs)).Except(Offered)];
    }
}
