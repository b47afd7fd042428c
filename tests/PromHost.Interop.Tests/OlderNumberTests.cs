using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;
using PromHost.Tsdb.Tests;

namespace PromHost.Interop.Tests;

/// <summary>
/// Series that went out of the head and came again have two numbers in the log. A Prometheus that opens the directory
/// of a killed PromHost reads all of the log and goes on with the older one; the head image knows the newer one alone.
/// PromHost finds what Prometheus logged, and both go on in turn.
/// </summary>
public sealed class OlderNumberTests : IDisposable
{
    private const string Metric = "older_number";
    private const string Stays = "stays";

    // Gone when the image is written; a Prometheus still has its number.
    private const string ComesLast = "comes-last";
    private const int SeriesCount = 6;
    private const long Minute = 60_000;

    // A border between blocks.
    private const long Start = 1_700_006_400_000;
    private const string Config = "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-older-").FullName;
    private readonly Dictionary<(string Series, long TimeMs), double> _written = [];
    private int _copies;
    private long _nowMs;

    private string Data => Path.Combine(_folder, $"data{_copies}");

    private static string[] ComeAgain =>
        [.. Enumerable.Range(0, SeriesCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("3.5", false, true)]
    [InlineData("3.5", false, false)]
    [InlineData("3.5", true, true)]
    [InlineData("2.42", false, true)]
    [InlineData("2.42", true, false)]
    public async Task PromHost_FindsWhatPrometheusLogged_UnderAnOlderNumber(
        string version, bool isEvicted, bool isKilled)
    {
        Peers.Require();
        var binary = version == "2.42" ? Peers.OldPrometheus : Peers.Prometheus;
        await using (var database = await OpenAsync())
        {
            await (isEvicted ? EvictAsync(database) : TruncateAsync(database));
            database.Head.Table.LivingCount.Should().Be(1);
            await AppendAsync(database, 10, ComeAgain);
            database.Image!.WriteNow();
            await AppendAsync(database, 5, ComeAgain);
            Kill();
        }

        await PrometheusTurnAsync(binary, isKilled, isFirst: true);
        await using (var database = await OpenAsync())
        {
            // A deletion has to know those that were evicted, so that the log is read as a whole.
            (database.ImageReplay.Used is null).Should().Be(isEvicted);
            database.Head.OtherRefs.Should().HaveCount(SeriesCount, "each has an older number");
            Check(database);
            await AppendLateAsync(database);
            await AppendAsync(database, 10, [.. ComeAgain, ComesLast]);
            database.Image!.WriteNow();
            await AppendAsync(database, 5, [.. ComeAgain, ComesLast]);
            Check(database);
            Kill();
        }

        await PrometheusTurnAsync(binary, !isKilled, isFirst: false);
        await using (var database = await OpenAsync())
        {
            Check(database);
            // The log is cut, so that the older numbers are only in a checkpoint.
            await AppendAsync(database, 200, []);
            await database.Maintenance!.RunAsync();
            Directory.EnumerateDirectories(Path.Combine(Data, "wal"), "checkpoint.*").Should().NotBeEmpty();
            Check(database);
            Kill();
        }

        await PrometheusTurnAsync(binary, isKilled, isFirst: false);
        await using (var database = await OpenAsync()) Check(database);
    }

    private async Task TruncateAsync(Database database)
    {
        await AppendAsync(database, 10, [.. ComeAgain, ComesLast]);
        await AppendAsync(database, 230, []);
        await database.Maintenance!.RunAsync();
    }

    private async Task EvictAsync(Database database)
    {
        await AppendAsync(database, 30, [.. ComeAgain, ComesLast]);
        _nowMs += Minute;
        foreach (var series in ComeAgain.Append(ComesLast)) await StoreAsync(database, series, StaleMarker.Value);
        await database.Maintenance!.RunAsync();
    }

    private async Task<Database> OpenAsync()
    {
        // Without a lock, so that it can be copied while it is open.
        var options = new DatabaseOptions
        {
            DataPath = Data,
            IsAutoCompacted = false,
            IsHeadImageWritten = true,
            NoLockFile = true,
            StaleSeriesCompactionThreshold = 0.5,
        };
        var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        await database.ReplayAsync();
        return database;
    }

    // What a kill leaves is used from now on.
    private void Kill()
    {
        var killed = Data;
        _copies++;
        PrometheusReader.Copy(killed, Data);
        // A kill comes at one moment and copying takes longer: a block that was deleted meanwhile is not there in part.
        foreach (var folder in Directory.EnumerateDirectories(Data).ToList())
        {
            if (!Directory.Exists(Path.Combine(killed, Path.GetFileName(folder))))
                Directory.Delete(folder, recursive: true);
        }
    }

    // One sample a minute.
    private async Task AppendAsync(Database database, int minutes, string[] series)
    {
        for (var i = 0; i < minutes; i++)
        {
            _nowMs += Minute;
            foreach (var one in series.Append(Stays)) await StoreAsync(database, one, ValueAt(one, _nowMs));
        }
    }

    // More than one full chunk of each.
    private async Task AppendLateAsync(Database database)
    {
        var nowMs = _nowMs;
        for (_nowMs -= (10 * Minute) - 3; _nowMs < nowMs; _nowMs += 10_000)
        {
            foreach (var one in ComeAgain) await StoreAsync(database, one, ValueAt(one, _nowMs));
        }

        _nowMs = nowMs;
    }

    private async Task StoreAsync(Database database, string series, double value)
    {
        var labels = Labels.FromPairs((Labels.MetricName, Metric), ("series", series));
        var report = await database.AppendAsync((labels, Start + _nowMs, value));
        report.Stored.Should().Be(1);
        if (!StaleMarker.Is(value)) _written.Add((series, Start + _nowMs), value);
    }

    // So many samples that chunks are full. Late ones are fewer at first: a Prometheus that has mapped a full chunk of
    // them under the older number lacks it after its next start. A part is deleted.
    private async Task PrometheusTurnAsync(string binary, bool isKilled, bool isFirst)
    {
        var (prometheus, address) = await PrometheusServer.StartAsync(
            binary, Data, Config, "--web.enable-admin-api");
        await using (prometheus)
        {
            await CheckAsync(address);
            PrometheusReader.Complaints(prometheus.Output.Split('\n')).Should().BeEmpty();
            var firstMs = _nowMs;
            for (var i = 0; i < 150; i++)
            {
                _nowMs += Minute / 10;
                await SendAsync(address, [.. ComeAgain, ComesLast, Stays], _nowMs);
                if (i % (isFirst ? 6 : 3) == 0) await SendAsync(address, ComeAgain, _nowMs - (20 * Minute) - 7);
            }

            if (isFirst) await DeleteAsync(address, ComeAgain[1], firstMs + (3 * Minute), firstMs + (5 * Minute));
            await CheckAsync(address);
            await (isKilled ? prometheus.KillAsync() : prometheus.StopAsync());
        }
    }

    private async Task SendAsync(Uri address, string[] series, long timeMs)
    {
        var samples = series.Select(one => (one, Start + timeMs, ValueAt(one, timeMs))).ToList();
        using var content = WriteRequests.Content(Metric, samples);
        using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        foreach (var (one, time, value) in samples) _written.Add((one, time), value);
    }

    private async Task DeleteAsync(Uri address, string series, long fromMs, long toMs)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"/api/v1/admin/tsdb/delete_series?match[]={Metric}{{series=\"{series}\"}}" +
            $"&start={(Start + fromMs) / 1000.0}&end={(Start + toMs) / 1000.0}");
        using var response = await Polling.Http.PostAsync(new Uri(address, path), null);
        response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
        foreach (var at in _written.Keys)
        {
            if (at.Series == series && at.TimeMs >= Start + fromMs && at.TimeMs <= Start + toMs) _written.Remove(at);
        }
    }

    private async Task CheckAsync(Uri address) =>
        Compare(await StoredSeries.ReadAsync(address, Metric, ((Start + _nowMs) / 1000) + 1), "Prometheus");

    private void Check(Database database)
    {
        var stored = new Dictionary<(string Series, long TimeMs), double>();
        foreach (var (labels, samples) in database.ReadAll())
        {
            foreach (var (timeMs, value) in samples)
            {
                if (!StaleMarker.Is(value)) stored.Add((labels.GetString("series")!, timeMs), value);
            }
        }

        Compare(stored, "PromHost");
    }

    private void Compare(Dictionary<(string Series, long TimeMs), double> stored, string who)
    {
        string.Join(' ', _written.Except(stored).Take(5)).Should().BeEmpty(
            $"{who} at {_nowMs}: {_written.Except(stored).Count()} samples are missing");
        string.Join(' ', stored.Except(_written).Take(5)).Should().BeEmpty(
            $"{who} at {_nowMs}: {stored.Except(_written).Count()} samples are there that should not be");
    }

    private static double ValueAt(string series, long timeMs) => (timeMs % 86_400_000.0) + series[0];
}
