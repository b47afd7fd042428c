using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PromHost.LoadTest;

/// <summary>Puts one target through the whole test.</summary>
internal sealed class LoadRun(DataSet dataSet, IReadOnlyList<string> paths, long totalSamples, int repetitions)
    : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// Pushes nine tenths, waits for the background work, asks the queries, pushes the rest, kills and restarts.
    /// </summary>
    public async Task<TargetFigures> RunAsync(Target target, Action<string> progress)
    {
        var figures = new TargetFigures(target.Name);
        progress("starting");
        await target.StartAsync(_http);
        var cpuBefore = ProcessFigures.CpuSeconds(target.ProcessId);

        progress("pushing");
        var most = totalSamples / 10 * 9 / paths.Count;
        var pushed = await PushAsync(target, figures, skip: 0, max: most);
        progress("waiting for background work");
        await ProcessFigures.SettleAsync(target.ProcessId);
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

        progress("pushing the rest");
        await PushAsync(target, figures, skip: most, max: long.MaxValue);
        if (target.Folder is not null)
            figures.DiskBytesPerSample = ProcessFigures.DiskMiB(target.Folder) * 1048576 / figures.Samples;
        if (target.CanRestart)
        {
            progress("restarting");
            figures.RestartSeconds = await RestartAsync(target);
        }

        return figures;
    }

    private async Task<double> RestartAsync(Target target)
    {
        var expected = await CountAsync(target);
        target.Kill();
        var watch = Stopwatch.StartNew();
        await target.StartAsync(_http);
        while (await CountAsync(target) != expected && watch.Elapsed < TimeSpan.FromMinutes(2)) await Task.Delay(20);
        return watch.Elapsed.TotalSeconds;
    }

    // The client runs in a process of its own, so that its CPU time and memory are not the server's.
    private async Task<(long Samples, double Seconds)> PushAsync(
        Target target, TargetFigures figures, long skip, long max)
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
        var output = await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
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

    private async Task<string> CountAsync(Target target)
    {
        var query = Uri.EscapeDataString("count({__name__!=\"\"})");
        var time = Invariant(dataSet.EndSeconds - dataSet.IntervalSeconds);
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
