using System.Net;

namespace PromHost.Interop.Tests;

/// <summary>One connection that writes batches over remote write 1.0 and remembers what was acknowledged.</summary>
/// <param name="connection">Its number, part of its series' names.</param>
/// <param name="latenessMs">How far every second batch lies behind the others; 0: all are in order.</param>
internal sealed class SampleSender(int connection, long latenessMs = 0)
{
    private const int SeriesPerBatch = 40;
    private readonly List<string> _series = [];
    private int _batch;

    /// <summary>Acknowledged samples: series and timestamp.</summary>
    public HashSet<(string Series, long TimeMs)> Acknowledged { get; } = [];

    /// <summary>All samples that were ever sent, acknowledged or not.</summary>
    public HashSet<(string Series, long TimeMs)> Offered { get; } = [];

    /// <summary>The value that belongs to a sample, so that a mix-up shows.</summary>
    public static double ValueOf(string series, long timeMs) =>
        (series.Sum(c => (long)c) * 1000) + (timeMs % 100_000);

    /// <summary>Sends batches until the server is gone.</summary>
    public async Task SendAsync(HttpClient http, Uri server)
    {
        await Task.Yield();
        while (true)
        {
            var samples = NextBatch();
            Offered.UnionWith(samples);
            using var content = WriteRequests.Content(
                "kill_test", samples.Select(at => (at.Series, at.TimeMs, ValueOf(at.Series, at.TimeMs))));
            try
            {
                using var response = await http.PostAsync(new Uri(server, "/api/v1/write"), content);
                response.StatusCode.Should().Be(HttpStatusCode.NoContent, await response.Content.ReadAsStringAsync());
            }
            catch (HttpRequestException)
            {
                return;
            }

            Acknowledged.UnionWith(samples);
        }
    }

    // Some series are new in every batch and some are old, so that records of both kinds interleave in the log.
    private List<(string Series, long TimeMs)> NextBatch()
    {
        _batch++;
        for (var i = 0; i < SeriesPerBatch / 4; i++) _series.Add($"c{connection}_b{_batch}_s{i}");
        var timeMs = 1_700_000_000_000L + (_batch * 1000L) - (_batch % 2 * latenessMs);
        return [.. _series.TakeLast(SeriesPerBatch).Select(series => (series, timeMs))];
    }
}
