using System.Text;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class DatabaseMetadataTests : IDisposable
{
    private static readonly MetricMetadata Requests = new("counter", "Requests served.", "");
    private static readonly MetricMetadata Latency = new("histogram", "Time taken.", "seconds");
    private static readonly MetricMetadata Other = new("gauge", "Other.", "");
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task GetMetadata_IsTheSameAfterARestart()
    {
        await using (var database = await OpenAsync())
        {
            await TellAsync(database, [Series("requests_total"), Series("latency_bucket", ("le", "1"))],
                ("requests", Requests), ("latency", Latency));
            await TellAsync(database, [], ("requests", Requests with { Help = "Requests." }));
            Check(database);
        }

        await using var reopened = await OpenAsync();
        Check(reopened);

        static void Check(Database database) => All(database).Should().BeEquivalentTo(
            new Dictionary<string, MetricMetadata>(StringComparer.Ordinal)
            {
                ["requests"] = Requests with { Help = "Requests." },
                ["latency"] = Latency,
            });
    }

    [Fact]
    public async Task GetMetadata_IsTheSame_WhenTheProcessEndsRightAfterTheAnswer()
    {
        await using var database = await OpenAsync();
        await TellAsync(database, [Series("requests_total")], ("requests_total", Requests));
        using var copy = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(_root.Path, "*", SearchOption.AllDirectories))
        {
            var target = copy.PathOf(Path.GetRelativePath(_root.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        await using var restarted = await TestDatabase.OpenAsync(copy.Open());

        All(restarted).Should().ContainKey("requests_total").WhoseValue.Should().Be(Requests);
    }

    [Fact]
    public async Task UpdateMetadata_LogsOnlyWhatChanges_OnOneSeriesOfTheFamily()
    {
        await using (var database = await OpenAsync())
        {
            Labels[] series = [Series("up", ("a", "1")), Series("up", ("a", "2")), Series("up", ("a", "3"))];
            for (var i = 0; i < 5; i++) await TellAsync(database, series, ("up", Other));
            await TellAsync(database, series, ("up", Other with { Help = "News." }));
            await TellAsync(database, series, ("up", Other with { Help = "News." }));
        }

        var logged = LoggedMetadata();
        logged.Select(entry => entry.Help).Should().Equal("Other.", "News.");
        logged[0].Ref.Should().Be(logged[1].Ref);
    }

    [Fact]
    public async Task UpdateMetadata_IsLogged_WhenTheFirstSeriesOfTheFamilyComes()
    {
        await using (var database = await OpenAsync())
        {
            await TellAsync(database, [], ("latency", Latency), ("never", Other));
            LoggedMetadata().Should().BeEmpty();
            All(database).Should().ContainKey("latency");
            await TellAsync(database, [Series("latency_count")]);
        }

        await using var reopened = await OpenAsync();
        All(reopened).Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("latency", Latency));
    }

    [Fact]
    public async Task UpdateMetadata_ChangesNothing_WhenTheLogTakesNone()
    {
        var disk = new FaultyDataDirectory(new DataDirectory(_root.Path));
        await using var database = await TestDatabase.OpenAsync(disk);
        await TellAsync(database, [Series("up")]);
        disk.FreeBytes = 0;
        await FluentActions.Awaiting(() => TellAsync(database, [], ("up", Other)))
            .Should().ThrowAsync<StorageUnavailableException>();
        All(database).Should().BeEmpty();

        disk.FreeBytes = long.MaxValue;
        await TellAsync(database, [], ("up", Other));

        All(database).Should().ContainKey("up");
        LoggedMetadata().Should().ContainSingle();
    }

    [Fact]
    public async Task TruncateWalAsync_CarriesMetadataOn_WhenItsSeriesIsGone()
    {
        var up1 = Series("up", ("a", "1"));
        await using (var database = await OpenAsync())
        {
            await TellAsync(database, [up1, Series("gone_total")], ("up", Other), ("gone", Requests));
            await TellAsync(database, [Series("up", ("a", "2")), Series("other")]);
            RemoveFromHead(database, up1, Series("gone_total"));
            // Each begins a segment; the third of them replaces the ones before by a checkpoint.
            for (var i = 0; i < 4; i++)
            {
                await database.TruncateWalAsync(100, TestContext.Current.CancellationToken);
                await TellAsync(database, [Series("other" + i)]);
            }

            database.WalTruncation.Begun.Should().BePositive();
            All(database).Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("up", Other));
        }

        await using var reopened = await OpenAsync();
        All(reopened).Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("up", Other));
        reopened.GetHeadStatus().SeriesCount.Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task Replay_TakesTheRecordsOfAPrometheus_WhichHaveOneForEachSeries()
    {
        using (var wal = WalWriter.Open(new DataDirectory(_root.Path), "wal"))
        {
            using var record = new Codecs.ByteWriter();
            WalRecordEncoder.Encode(
                [new WalSeries(1, Series("latency_bucket")), new WalSeries(2, Series("latency_sum"))], record);
            wal.Append(record.WrittenSpan);
            record.Clear();
            WalRecordEncoder.Encode(
                [
                    new WalMetadata(1, 3, "seconds", "Time taken."),
                    new WalMetadata(2, 3, "seconds", "Time taken."),
                    new WalMetadata(9, 1, "", "Of no series."),
                ],
                record);
            wal.Append(record.WrittenSpan);
        }

        await using var database = await OpenAsync();

        All(database).Should().ContainSingle().Which.Should().Be(KeyValuePair.Create("latency", Latency));
    }

    private static Dictionary<string, MetricMetadata> All(Database database) => database.GetMetadata()
        .ToDictionary(entry => entry.Key, entry => entry.Value.Single(), StringComparer.Ordinal);

    private static async Task TellAsync(
        Database database, Labels[] series, params (string Family, MetricMetadata Metadata)[] told)
    {
        using var appender = database.CreateAppender();
        foreach (var labels in series) appender.Append(appender.GetOrAddSeries(labels, []), [new FloatSample(1, 1)]);
        foreach (var (family, metadata) in told) appender.UpdateMetadata(Encoding.UTF8.GetBytes(family), metadata);
        await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    // As truncation does with series that have no samples any more.
    private static void RemoveFromHead(Database database, params Labels[] series)
    {
        var removal = new SeriesRemoval(database.Head.Table, database.Head.Epochs);
        foreach (var labels in series)
        {
            database.Head.Table.TryGet(labels, out var number).Should().BeTrue();
            removal.Remove(number);
        }

        while (removal.SweepLabels(100))
        {
        }
    }

    private List<WalMetadata> LoggedMetadata()
    {
        using var reader = WalReader.Open(new DataDirectory(_root.Path), "wal");
        var metadata = new List<WalMetadata>();
        while (reader.TryRead(out var record))
        {
            if (WalRecordDecoder.TypeOf(record) == WalRecordType.Metadata)
                WalRecordDecoder.TryDecodeMetadata(record, metadata).Should().BeTrue();
        }

        return metadata;
    }

    private Task<Database> OpenAsync() => TestDatabase.OpenAsync(new DataDirectory(_root.Path));
}
