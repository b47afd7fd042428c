using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Interop.Tests;

/// <summary>
/// A database with an early block is killed; Prometheus opens its directory, has nothing to repair and holds every
/// sample: of the block, and of the log in the time of the block.
/// </summary>
public sealed class EarlyBlockInteropTests : IDisposable
{
    private const string Metric = "early_test";
    private const int SeriesCount = 12;
    private const long Minute = 60_000;

    // Half an hour before a border between blocks.
    private const long Start = 1_700_006_400_000 + (90 * Minute);

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-early-").FullName;
    private readonly Dictionary<(string Series, long TimeMs), double> _written = [];

    private string Data => Path.Combine(_folder, "data");

    private string Copy => Path.Combine(_folder, "copy");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Prometheus_MissesNothing_BesideABlockOnDemand()
    {
        Peers.Require();
        await using var database = await OpenAsync();
        await AppendAsync(database, 0, 60, SeriesCount);
        await database.CompactAsync();
        await CheckAsync(database);
    }

    [Fact]
    public async Task Prometheus_MissesNothing_BesideABlockOfStaleSeries()
    {
        Peers.Require();
        await using var database = await OpenAsync();
        await AppendAsync(database, 0, 60, SeriesCount);
        await EndAsync(database, 60);
        await database.Maintenance!.RunAsync();
        database.Head.Table.LivingCount.Should().Be(SeriesCount / 3);
        await CheckAsync(database, comesBack: true);
    }

    [Fact]
    public async Task Prometheus_MissesNothing_BesideAnImportedBlock()
    {
        Peers.Require();
        await using var database = await OpenAsync();
        await AppendAsync(database, 0, 60, SeriesCount);
        using (var import = new BlockImport(Data, BlockImport.RangeFor(0)))
        {
            for (var i = 0; i < 90; i++)
            {
                import.Append(Labels("imported"), [], Start + (i * Minute), i);
                _written.Add(("imported", Start + (i * Minute)), i);
            }

            import.WriteBlocks(TestContext.Current.CancellationToken);
            import.Publish().Should().HaveCount(2);
        }

        await CheckAsync(database);
    }

    [Fact]
    public async Task Prometheus_MissesNothing_BesideTheBlocksOfASnapshot()
    {
        Peers.Require();
        await using var database = await OpenAsync();
        await AppendAsync(database, 0, 60, SeriesCount);
        var name = await database.SnapshotAsync(withHead: true, TestContext.Current.CancellationToken);
        var snapshot = Path.Combine(Data, "snapshots", name);
        await CheckAsync(database, () => PrometheusReader.Copy(snapshot, Copy));
    }

    private static Labels Labels(string series) =>
        Model.Labels.FromPairs((Model.Labels.MetricName, Metric), ("series", series));

    private async Task<Database> OpenAsync()
    {
        // Without a lock, so that it can be copied while it is open.
        var options = new DatabaseOptions
        {
            DataPath = Data,
            IsAutoCompacted = false,
            NoLockFile = true,
            StaleSeriesCompactionThreshold = 0.5,
        };
        var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        await database.ReplayAsync();
        return database;
    }

    // More comes for the time of the block and after it; then all stops, and a copy is opened.
    private async Task CheckAsync(Database database, Action? restore = null, bool comesBack = false)
    {
        Directory.EnumerateFiles(Data, "meta.json", SearchOption.AllDirectories).Should().NotBeEmpty()
            .And.OnlyContain(meta => File.ReadAllText(meta).Contains("from-out-of-order"));
        await AppendAsync(database, 61, 75, comesBack ? SeriesCount : SeriesCount / 3);
        PrometheusReader.Copy(Data, Copy);
        restore?.Invoke();

        var (prometheus, address) = await PrometheusServer.StartAsync(
            Peers.Prometheus, Copy, "storage:\n  tsdb:\n    out_of_order_time_window: 3h\n");
        await using (prometheus)
        {
            var stored = await StoredSeries.ReadAsync(address, Metric, (Start + (100 * Minute)) / 1000);
            _written.Except(stored).Should().BeEmpty();
            stored.Should().HaveCount(_written.Count);
            PrometheusReader.Complaints(prometheus.Output.Split('\n')).Should().BeEmpty();
        }
    }

    private async Task AppendAsync(Database database, int from, int to, int series)
    {
        for (var t = from; t < to; t++)
        {
            for (var i = 0; i < series; i++)
            {
                var name = i.ToString(CultureInfo.InvariantCulture);
                await AppendAsync(database, name, Start + (t * Minute), t * i);
                _written.Add((name, Start + (t * Minute)), t * i);
            }
        }
    }

    // Two thirds of the series get a stale marker.
    private static async Task EndAsync(Database database, int minute)
    {
        for (var i = SeriesCount / 3; i < SeriesCount; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            await AppendAsync(database, name, Start + (minute * Minute), StaleMarker.Value);
        }
    }

    private static async Task AppendAsync(Database database, string series, long timestampMs, double value)
    {
        using var appender = database.CreateAppender();
        appender.Append(appender.GetOrAddSeries(Labels(series), []), [new FloatSample(timestampMs, value)]);
        (await appender.CommitAsync(TestContext.Current.CancellationToken)).Stored.Should().Be(1);
    }
}
