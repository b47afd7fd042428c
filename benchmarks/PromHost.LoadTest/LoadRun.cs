using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PromHost.LoadTest;

/// <summary>Puts one target through the whole test.</summary>
internal sealed class LoadRun(
    DataSet dataSet, IReadOnlyList<string> paths, long totalSamples, int repetitions, bool isProbing) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private long _pushed;

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Pushes nine tenths, waits for the background work, asks the queries, pushes the rest, kills the server in the
    /// middle of that and restarts it.
    /// </summary>
    public async Task<TargetFigures> RunAsync(Target target, Action<string> progress)
    {
        var figures = new TargetFigures(target.Name);
        _pushed = 0;
        progress("starting");
        await target.StartAsync(_http);
        var cpuBefore = ProcessFigures.CpuSeconds(target.ProcessId);

        progress("pushing");
        var most = totalSamples / 10 * 9 / paths.Count;
        var probe = isProbing ? new StallProbe(target.Url, PushedTimeMs) : null;
        var pushed = await PushAsync(target, figures, skip: 0, max: most);
        progress("waiting for background work");
        await ProcessFigures.SettleAsync(target.ProcessId, isBusy: isProbing);
        if (probe is not null) await AddStallsAsync(probe, figures);
        var cpu = ProcessFigures.CpuSeconds(target.ProcessId) - cpuBefore;
        figures.CpuMicrosecondsPerSample = cpu / pushed.Samples * 1e6;
        figures.SamplesPerSecond = pushed.Samples / pushed.Seconds;
        figures.ResidentMiB = ProcessFigures.MemoryMiB(target.ProcessId, "VmRSS");
        figures.AnonymousMiB = ProcessFigures.MemoryMiB(target.ProcessId, "RssAnon");

        var part = pushed.Samples / (double)totalSamples;
        var endSeconds = dataSet.StartSeconds + (long)(part * (dataSet.EndSeconds - dataSet.StartSeconds)) - 15;
        foreach (var query in LoadQuery.All)
        {
            progress(query.Name);
            figures.QueryMs[query.Name] = Median(target, query, dataSet.SpanUntil(endSeconds));
        }

        if (target.Folder is not null)
            figures.DiskBytesPerSample = ProcessFigures.DiskMiB(target.Folder) * 1048576 / figures.Samples;
        figures.Blocks = BlockFigures.ReadAll(target.Folder);
        if (target.CanRestart) await RestartAsync(target, figures, most, endSeconds, progress);
        return figures;
    }

    private async Task RestartAsync(
        Target target, TargetFigures figures, long skip, long seconds, Action<string> progress)
    {
        progress("pushing the rest");
        var expected = await CountAsync(target, seconds);
        using var stop = new CancellationTokenSource();
        var push = PushAsync(target, figures, skip, long.MaxValue, stop.Token);
        // The rest takes longer than that: the server is killed while it works.
        await Task.WhenAny(push, Task.Delay(TimeSpan.FromSeconds(0.3), CancellationToken.None));
        progress("restarting");
        target.Kill();
        await stop.CancelAsync();
        await push;
        var watch = Stopwatch.StartNew();
        await target.StartAsync(_http);
        while (await CountAsync(target, seconds) != expected && watch.Elapsed < TimeSpan.FromMinutes(2))
            await Task.Delay(5, CancellationToken.None);
        figures.RestartSeconds = watch.Elapsed.TotalSeconds;
    }

    // Where the data are that are being pushed: what the probe appends must not run ahead of them.
    private long PushedTimeMs()
    {
        var part = Volatile.Read(ref _pushed) / (double)totalSamples;
        var lengthMs = (dataSet.EndSeconds - dataSet.StartSeconds) * 1000;
        return (dataSet.StartSeconds * 1000) + (long)(part * lengthMs);
    }

    private static async Task AddStallsAsync(StallProbe probe, TargetFigures figures)
    {
        await probe.DisposeAsync();
        figures.AppendStallMs = (StallProbe.Quantile(probe.Appends, 1), StallProbe.Quantile(probe.Appends, 0.999));
        figures.QueryStallMs = (StallProbe.Quantile(probe.Queries, 1), StallProbe.Quantile(probe.Queries, 0.999));
    }

    private async Task<(long Samples, double Seconds)> PushAsync(
        Target target, TargetFigures figures, long skip, long max, CancellationToken stop = default)
    {
        var client = new PushClient(target, paths) { Progress = pushed => Volatile.Write(ref _pushed, skip + pushed) };
        var pushed = await client.PushAsync(skip, max, stop);
        figures.Samples += pushed.Samples;
        figures.Refused += pushed.Refused;
        return (pushed.Samples, pushed.Seconds);
    }

    private double Median(Target target, LoadQuery query, (long Start, long End) span)
    {
        var client = new QueryClient(_http, target);
        var times = new List<double>();
        for (var i = 0; i < repetitions; i++) times.Add(client.Ask(query, span));
        times.Sort();
        return times[times.Count / 2];
    }

    private async Task<string> CountAsync(Target target, long seconds)
    {
        var query = Uri.EscapeDataString("count({__name__!=\"\"})");
        var time = Invariant(seconds);
        try
        {
            using var response = await _http.GetAsync(new Uri(target.Url, $"/api/v1/query?query={query}&time={time}"));
            if (!response.IsSuccessStatusCode) return "";
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            var result = json.RootElement.GetProperty("data").GetProperty("result");
            return result.GetArrayLength() == 0 ? "" : result[0].GetProperty("value")[1].GetString() ?? "";
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
