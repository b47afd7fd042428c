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
            figures.QueryMs[query.Name] = await MedianAsync(target, query, endSeconds);
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

    // The client runs in a process of its own, so that its CPU time and memory are not the server's.
    private async Task<(long Samples, double Seconds)> PushAsync(
        Target target, TargetFigures figures, long skip, long max, CancellationToken stop = default)
    {
        var assembly = typeof(LoadRun).Assembly.Location;
        string[] arguments =
        [
            assembly, "push", "--url", new Uri(target.Url, "/api/v1/write").ToString(),
            .. paths.SelectMany(path => new[] { "--file", path }),
            "--skip", Invariant(skip), "--max", Invariant(max),
        ];
        using var client = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        await using var killed = stop.Register(client.Kill);
        var output = "";
        while (await client.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            output = line;
            if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pushed))
                Volatile.Write(ref _pushed, skip + pushed);
        }

        await client.WaitForExitAsync(CancellationToken.None);
        if (stop.IsCancellationRequested || (stop.CanBeCanceled && client.ExitCode != 0)) return default;
        if (client.ExitCode != 0) throw new InvalidOperationException($"{target.Name} ended while it was written to");
        var parts = output.Split(' ', StringSplitOptions.TrimEntries);
        var samples = long.Parse(parts[0], CultureInfo.InvariantCulture);
        figures.Samples += samples;
        figures.Refused += long.Parse(parts[2], CultureInfo.InvariantCulture);
        return (samples, double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    private async Task<double> MedianAsync(Target target, LoadQuery query, long endSeconds)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query.Text };
        if (query.StepSeconds > 0)
        {
            form["start"] = Invariant(dataSet.StartSeconds + Math.Min(3600, (endSeconds - dataSet.StartSeconds) / 3));
            form["end"] = Invariant(endSeconds);
            form["step"] = Invariant(query.StepSeconds);
        }
        else
        {
            form["time"] = Invariant(endSeconds);
        }

        var times = new List<double>();
        for (var i = 0; i < repetitions; i++)
        {
            using var content = new FormUrlEncodedContent(form);
            var watch = Stopwatch.StartNew();
            var route = query.StepSeconds > 0 ? "/api/v1/query_range" : "/api/v1/query";
            using var response = await _http.PostAsync(new Uri(target.Url, route), content);
            await response.Content.ReadAsByteArrayAsync();
            times.Add(response.IsSuccessStatusCode ? watch.Elapsed.TotalMilliseconds : double.NaN);
        }

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
