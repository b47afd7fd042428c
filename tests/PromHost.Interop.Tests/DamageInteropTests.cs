using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;
using PromHost.Tsdb.Tests;

namespace PromHost.Interop.Tests;

/// <summary>
/// Real files are damaged, PromHost starts on them and takes samples; then Prometheus opens a copy without a repair and
/// holds the same.
/// </summary>
public class DamageInteropTests
{
    private const string Checkpoint = "wal/checkpoint";
    private const int SeriesCount = 10;
    private const long StepMs = 30_000;
    private const long HourMs = 3_600_000;
    private const long Start = 450_000 * HourMs;
    private const long LatenessMs = 100 * 60_000;

    [Theory]
    [InlineData("wal/first", "flip")]
    [InlineData("wal/middle", "miss")]
    [InlineData(Checkpoint, "empty")]
    [InlineData("wbl/last", "flip")]
    [InlineData("chunks_head/first", "miss")]
    [InlineData("chunks_head/middle", "flip")]
    [InlineData("block/index", "empty")]
    [InlineData("block/meta.json", "miss")]
    [InlineData("block/tombstones", "flip")]
    public async Task Prometheus_FindsNothingToRepair_AfterPromHostDid(string kind, string fault)
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-damage-").FullName;
        try
        {
            var data = Path.Combine(folder, "data");
            await FillAsync(data);
            Damage(Find(data, kind), fault);
            Dictionary<string, List<(long T, double V)>> held;
            var copy = Path.Combine(folder, "copy");
            await using (var database = await OpenAsync(data))
            {
                await AppendAsync(database, Start + (9 * HourMs));
                held = database.ReadAll().Where(series => series.Value.Count > 0).ToDictionary(
                    series => series.Key.ToString(), series => series.Value, StringComparer.Ordinal);
                // As a kill leaves it.
                Copy(data, copy);
            }

            var complaints = PrometheusReader.Complaints(await PrometheusReader.OpenAsync(copy));
            // Nothing says any more whose the first samples are.
            if (kind == Checkpoint) complaints = complaints.Where(line => !line.Contains("Unknown series references"));
            complaints.Should().BeEmpty();
            var dump = await PrometheusReader.DumpAsync(copy);
            dump.Should().HaveCount(held.Count);
            foreach (var (labels, samples) in dump)
            {
                held[labels].Should().Equal(samples.Select(sample =>
                    (sample.TimeMs, double.Parse(sample.Value, CultureInfo.InvariantCulture))));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Database> OpenAsync(string data)
    {
        var options = new DatabaseOptions
        {
            DataPath = data,
            WalSync = WalSyncPolicy.Never,
            IsAutoCompacted = false,
            WalSegmentBytes = WalFormat.PageBytes,
        };
        var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        await database.ReplayAsync();
        return database;
    }

    private static async Task FillAsync(string data)
    {
        await using (var first = await OpenAsync(data))
        {
            for (var time = Start; time < Start + (15 * HourMs / 2); time += StepMs)
            {
                await AppendAsync(first, time);
                if (time == Start + (6 * HourMs)) await first.Maintenance!.RunAsync();
            }

            await first.Maintenance!.RunAsync();
            await first.DeleteSeriesAsync(
                Start + HourMs, Start + (5 * HourMs), [new LabelMatcher(Model.MatchType.Equal, "series", "3")],
                TestContext.Current.CancellationToken);
        }

        // Every start begins a file of full chunks.
        for (var part = 15; part < 17; part++)
        {
            await using var next = await OpenAsync(data);
            for (var time = Start + (part * HourMs / 2); time < Start + ((part + 1) * HourMs / 2); time += StepMs)
                await AppendAsync(next, time);
        }
    }

    // A third of the series also sends something late.
    private static async Task AppendAsync(Database database, long timeMs)
    {
        using var appender = database.CreateAppender();
        for (var i = 0; i < SeriesCount; i++)
        {
            var labels = Labels.FromPairs(
                [(Labels.MetricName, "damage"), ("series", i.ToString(CultureInfo.InvariantCulture))]);
            var series = appender.GetOrAddSeries(labels, []);
            appender.Append(series, [new FloatSample(timeMs, Math.Sin(timeMs + i))]);
            if (i % 3 == 1 && timeMs >= Start + LatenessMs)
                appender.Append(series, [new FloatSample(timeMs - LatenessMs + 1 + i, i)]);
        }

        (await appender.CommitAsync(TestContext.Current.CancellationToken)).Rejected.Should().BeEmpty();
    }

    private static string Find(string data, string kind)
    {
        var (folder, name) = (kind[..kind.IndexOf('/')], kind[(kind.IndexOf('/') + 1)..]);
        if (folder == "block") folder = Blocks(data).Min(StringComparer.Ordinal)!;
        folder = Path.Combine(data, folder);
        if (name == "checkpoint")
            return Path.Combine(Directory.EnumerateDirectories(folder, "checkpoint.*").Single(), "00000000");
        if (name is not ("first" or "middle" or "last")) return Path.Combine(folder, name);
        var files = Directory.EnumerateFiles(folder).Where(file => new FileInfo(file).Length > 0)
            .Order(StringComparer.Ordinal).ToList();
        return files[name == "first" ? 0 : name == "last" ? files.Count - 1 : files.Count / 2];
    }

    private static IEnumerable<string> Blocks(string data) =>
        Directory.EnumerateDirectories(data, "0*").Select(path => Path.GetFileName(path)!);

    private static void Damage(string path, string fault)
    {
        if (fault == "miss")
        {
            File.Delete(path);
            return;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        if (fault == "empty")
        {
            file.SetLength(0);
            return;
        }

        file.Position = file.Length / 2;
        var single = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)(single ^ 0x10));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "lock") continue;
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
