using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace PromHost.LoadTest;

/// <summary>
/// Looks every millisecond whether a server stalls: one connection appends a sample of a series of its own, another
/// asks an instant query; each waits for its answer before it asks again. The first answers, for which code is compiled
/// and connections are made, do not count.
/// </summary>
internal sealed class StallProbe : IAsyncDisposable
{
    private const int WarmUpProbes = 200;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loops;

    /// <summary>Starts probing.</summary>
    /// <param name="url">The server.</param>
    /// <param name="timeMs">Gives the timestamp of the next sample; not decreasing.</param>
    public StallProbe(Uri url, Func<long> timeMs)
    {
        var query = new Uri(url, "/api/v1/query?query=promhost_load_probe");
        _loops = Task.WhenAll(
            Task.Run(() => RunAsync(Appends, () => AppendAsync(new Uri(url, "/api/v1/write"), timeMs()))),
            Task.Run(() => RunAsync(Queries, () => QueryAsync(query, timeMs()))));
    }

    /// <summary>Milliseconds per append.</summary>
    public List<double> Appends { get; } = [];

    /// <summary>Milliseconds per query.</summary>
    public List<double> Queries { get; } = [];

    /// <summary>A quantile of measured times, e.g. 1 for the longest; NaN when there are none.</summary>
    public static double Quantile(IReadOnlyCollection<double> times, double quantile)
    {
        if (times.Count == 0) return double.NaN;
        var sorted = times.Order().ToList();
        return sorted[(int)Math.Min(sorted.Count - 1, quantile * sorted.Count)];
    }

    /// <summary>Stops probing; the times are complete then.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loops;
    }

    /// <summary>Stops probing.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(List<double> times, Func<Task> probe)
    {
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                await probe();
            }
            catch (HttpRequestException)
            {
                // The server is not there yet, or not any more.
                continue;
            }

            if (i >= WarmUpProbes) times.Add(watch.Elapsed.TotalMilliseconds);
            var rest = TimeSpan.FromMilliseconds(1) - watch.Elapsed;
            if (rest > TimeSpan.Zero) await Task.Delay(rest);
        }
    }

    private async Task AppendAsync(Uri url, long timeMs)
    {
        using var content = new ByteArrayContent(ProbeRequest.Make(timeMs));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
        using var response = await _http.PostAsync(url, content);
    }

    private async Task QueryAsync(Uri query, long timeMs)
    {
        var seconds = (timeMs / 1000).ToString(CultureInfo.InvariantCulture);
        using var response = await _http.GetAsync(new Uri($"{query}&time={seconds}"));
        await response.Content.ReadAsByteArrayAsync();
    }
}
