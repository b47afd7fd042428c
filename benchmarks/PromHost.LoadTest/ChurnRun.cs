using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using PromHost.Codecs;
using Spectre.Console;

namespace PromHost.LoadTest;

/// <summary>
/// Replaces all series again and again, as a cluster that redeploys all day does, and prints what memory the server
/// holds. Time is simulated: it goes as fast as the server takes the samples.
/// </summary>
/// <param name="series">Series that live at one time.</param>
/// <param name="firstHour">The simulated hour to begin at: after an earlier run on the same data.</param>
/// <param name="hours">Simulated hours.</param>
/// <param name="lifeMinutes">Simulated minutes that a series lives.</param>
/// <param name="intervalSeconds">Simulated seconds between two samples of a series.</param>
/// <param name="isProbing">Look meanwhile whether the server stalls.</param>
internal sealed class ChurnRun(
    int series, int firstHour, int hours, int lifeMinutes, int intervalSeconds, bool isProbing) : IDisposable
{
    private const int BatchSeries = 2000;
    private const long StartSeconds = 1_793_491_200;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    private readonly ByteWriter _message = new(1 << 20);
    private readonly SnappyEncoder _snappy = new();
    private long _timeMs = (StartSeconds + (firstHour * 3600L)) * 1000;

    public void Dispose()
    {
        _http.Dispose();
        _message.Dispose();
    }

    /// <summary>Runs it against a target and prints a line per simulated hour.</summary>
    public async Task RunAsync(Target target)
    {
        await target.StartAsync(_http);
        await using var probe = isProbing ? new StallProbe(target.Url, () => Volatile.Read(ref _timeMs)) : null;
        var watch = Stopwatch.StartNew();
        var cpuBefore = ProcessFigures.CpuSeconds(target.ProcessId);
        var firstLife = firstHour * 60 / lifeMinutes;
        var lives = firstLife + (hours * 60 / lifeMinutes);
        var samplesPerLife = lifeMinutes * 60 / intervalSeconds;
        for (var life = firstLife; life < lives; life++)
        {
            for (var sample = 0; sample < samplesPerLife; sample++)
            {
                var seconds = StartSeconds + ((long)life * lifeMinutes * 60) + ((long)sample * intervalSeconds);
                Volatile.Write(ref _timeMs, seconds * 1000);
                for (var first = 0; first < series; first += BatchSeries)
                    await SendAsync(target.Url, life, first, seconds * 1000);
            }

            var minutes = (life + 1) * lifeMinutes;
            if (minutes % 60 == 0) Print(target, minutes / 60, watch.Elapsed.TotalSeconds, cpuBefore);
        }

        if (probe is not null)
        {
            await probe.StopAsync();
            Print("append", probe.Appends);
            Print("query", probe.Queries);
        }

        await ProcessFigures.SettleAsync(target.ProcessId);
        Print(target, firstHour + hours, watch.Elapsed.TotalSeconds, cpuBefore);
    }

    private static void Print(string kind, List<double> timesMs) => AnsiConsole.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{timesMs.Count} probes, longest {kind} {StallProbe.Quantile(timesMs, 1):F1} ms, " +
        $"99.9 % {StallProbe.Quantile(timesMs, 0.999):F1} ms"));

    private static void Print(Target target, int hour, double seconds, double cpuBefore)
    {
        var resident = ProcessFigures.MemoryMiB(target.ProcessId, "VmRSS");
        var anonymous = ProcessFigures.MemoryMiB(target.ProcessId, "RssAnon");
        var cpu = ProcessFigures.CpuSeconds(target.ProcessId) - cpuBefore;
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name} hour {hour,2}: {resident,6:F0} MiB resident, {anonymous,6:F0} anonymous, " +
            $"{seconds,6:F0} s, CPU {cpu,6:F0} s"));
    }

    private async Task SendAsync(Uri url, int life, int first, long timeMs)
    {
        _message.Clear();
        var writer = new ProtoWriter(_message);
        for (var number = first; number < Math.Min(first + BatchSeries, series); number++)
        {
            var timeSeries = writer.BeginMessage(1);
            WriteLabel(ref writer, "__name__", $"app_requests_{number % 50}_total");
            WriteLabel(ref writer, "container", "app");
            WriteLabel(ref writer, "namespace", $"team-{number % 20}");
            WriteLabel(ref writer, "pod", $"app-{life:x}-{number / 50:x6}");
            var sample = writer.BeginMessage(2);
            writer.WriteDouble(1, (timeMs / 1000.0) + number);
            writer.WriteInt64(2, timeMs);
            writer.EndMessage(sample);
            writer.EndMessage(timeSeries);
        }

        var body = new byte[SnappyEncoder.MaxEncodedLength(_message.Length)];
        var size = _snappy.Encode(_message.WrittenSpan, body);
        while (true)
        {
            using var content = new ByteArrayContent(body, 0, size);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
            content.Headers.ContentEncoding.Add("snappy");
            content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
            using var response = await _http.PostAsync(new Uri(url, "/api/v1/write"), content);
            if (response.IsSuccessStatusCode) return;
            var text = await response.Content.ReadAsStringAsync();
            if ((int)response.StatusCode < 500) throw new InvalidOperationException($"refused: {text}");
            await Task.Delay(100);
        }
    }

    private static void WriteLabel(ref ProtoWriter writer, string name, string value)
    {
        var label = writer.BeginMessage(1);
        writer.WriteBytes(1, Encoding.UTF8.GetBytes(name));
        writer.WriteBytes(2, Encoding.UTF8.GetBytes(value));
        writer.EndMessage(label);
    }
}
