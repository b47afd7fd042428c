using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class DatabaseTests : IDisposable
{
    private static readonly Labels Up = Series("up", ("job", "a"));
    private static readonly Labels Down = Series("down", ("job", "a"));
    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task CreateAppender_SaysNotReady_BeforeTheReplay()
    {
        await using var database = Database.Open(
            new DatabaseOptions { DataPath = _root.Path }, NullLogger.Instance, TimeProvider.System);
        database.IsReady.Should().BeFalse();
        database.GetReplayStatus().Should().Be(default(ReplayStatus));
        database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>()
            .Which.RetryAfter.Should().NotBeNull();
        database.Invoking(d => d.OpenQuerier(0, 1)).Should().Throw<StorageUnavailableException>();
        await database.ReplayAsync();
        database.IsReady.Should().BeTrue();
        database.GetReplayStatus().Should().Be(new ReplayStatus(Done: true, 0, 0, 0) { ReadsLog = true });
    }

    [Fact]
    public async Task DisposeAsync_GivesUpAReplay_AndLosesNothing()
    {
        using var disk = new SimulatedDataDirectory();
        await using (var database = await TestDatabase.OpenAsync(disk)) await database.AppendAsync((Up, 1000, 1));
        var watched = new WatchedDataDirectory(disk, "wal/00000000");
        var given = Database.Open(
            new DatabaseOptions { DataPath = disk.RootPath }, watched, NullLogger.Instance, TimeProvider.System);
        Task? closed = null;
        watched.BeforeRead = () => closed ??= given.DisposeAsync().AsTask();

        await given.Awaiting(database => database.ReplayAsync()).Should().ThrowAsync<OperationCanceledException>();

        await closed!;
        await using var again = await TestDatabase.OpenAsync(disk);
        again.ReadAll()[Up].Should().Equal((1000, 1.0));
    }

    [Fact]
    public async Task Open_Refuses_WhenTheDirectoryIsInUse()
    {
        var options = new DatabaseOptions { DataPath = _root.Path };
        await using var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        FluentActions.Invoking(() => Database.Open(options, NullLogger.Instance, TimeProvider.System))
            .Should().Throw<DataDirectoryLockedException>();
    }

    [Fact]
    public async Task CommitAsync_MakesSamplesVisible_AndAReopenKeepsThem()
    {
        await using (var database = await OpenAsync())
        {
            var report = await database.AppendAsync((Up, 1000, 1), (Down, 1000, 2), (Up, 2000, 3));
            report.Stored.Should().Be(3);
            report.Rejected.Should().BeEmpty();
            Check(database);
        }

        await using var reopened = await OpenAsync();
        Check(reopened);

        static void Check(Database database)
        {
            var all = database.ReadAll();
            all.Should().HaveCount(2);
            all[Up].Should().Equal((1000, 1.0), (2000, 3.0));
            all[Down].Should().Equal((1000, 2.0));
            database.GetHeadStatus().Should().Be(new HeadStatus(2, 3, 2, 1000, 2000));
        }
    }

    [Fact]
    public async Task CommitAsync_DecidesSampleBySample_SeeingEarlierOnesOfTheBatch()
    {
        await using var database = await OpenAsync(o => o with { OutOfOrderWindow = TimeSpan.Zero });
        var report = await database.AppendAsync(
            (Up, 1000, 1), (Up, 2000, 2), (Up, 2000, 2), (Up, 2000, 9), (Up, 1000, 1), (Up, 1000, 9), (Up, 1500, 7));
        report.Stored.Should().Be(2);
        report.AlreadyStored.Should().Be(2);
        report.Rejected.Should().Equal(
            new RejectedSample(Up, new(2000, 9), AppendResult.DuplicateTimestamp, new(2000, 2)),
            new RejectedSample(Up, new(1000, 9), AppendResult.DuplicateTimestamp, new(1000, 1)),
            new RejectedSample(Up, new(1500, 7), AppendResult.OutOfOrder, new(2000, 2)));
        database.ReadAll()[Up].Should().Equal((1000, 1.0), (2000, 2.0));
    }

    [Fact]
    public async Task CommitAsync_KnowsStoredSamples_AlsoInFullChunks()
    {
        await using var database = await OpenAsync(o => o with { OutOfOrderWindow = TimeSpan.Zero });
        for (var t = 0; t < 1000; t++) await database.AppendAsync((Up, t * 1000, t));
        database.GetHeadStatus().ChunkCount.Should().BeGreaterThan(4);
        var report = await database.AppendAsync((Up, 5000, 5), (Up, 5000, 6), (Up, 5500, 1), (Up, 990_000, 990));
        report.AlreadyStored.Should().Be(2);
        report.Rejected.Select(r => (r.Reason, r.Existing)).Should().Equal(
            (AppendResult.DuplicateTimestamp, new FloatSample(5000, 5)),
            (AppendResult.OutOfOrder, new FloatSample(999_000, 999)));
    }

    [Fact]
    public async Task CommitAsync_TellsNaNsApartByTheirBits()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Up, 1, StaleMarker.Value));
        (await database.AppendAsync((Up, 1, StaleMarker.Value))).AlreadyStored.Should().Be(1);
        (await database.AppendAsync((Up, 1, double.NaN))).Rejected.Should().ContainSingle()
            .Which.Reason.Should().Be(AppendResult.DuplicateTimestamp);
    }

    [Fact]
    public async Task TryGetSeries_FindsRememberedEncodings_AFewPerSeries()
    {
        await using var database = await OpenAsync();
        using var appender = database.CreateAppender();
        appender.TryGetSeries("raw0"u8, out _).Should().BeFalse();
        for (var i = 0; i < 10; i++)
            appender.GetOrAddSeries(Up, System.Text.Encoding.UTF8.GetBytes($"raw{i}")).Value.Should().Be(1);
        appender.TryGetSeries("raw3"u8, out var series).Should().BeTrue();
        series.Value.Should().Be(1);
        appender.TryGetSeries("raw4"u8, out _).Should().BeFalse();
        appender.GetOrAddSeries(Down, "other"u8).Value.Should().Be(2);
    }

    [Fact]
    public async Task Dispose_DropsWhatWasStaged_WithoutACommit()
    {
        await using var database = await OpenAsync();
        using (var appender = database.CreateAppender())
            appender.Append(appender.GetOrAddSeries(Up, []), [new FloatSample(1, 1)]);
        await database.AppendAsync((Down, 1, 1));
        database.ReadAll().Keys.Should().Equal(Down);
    }

    [Fact]
    public async Task CommitAsync_GoesOn_WhenAFullDiskHasRoomAgain()
    {
        var disk = new FaultyDataDirectory(new DataDirectory(_root.Path));
        await using var database = await TestDatabase.OpenAsync(disk);
        await database.AppendAsync((Up, 1, 1));
        disk.FreeBytes = 3;
        var error = (await database.Invoking(d => d.AppendAsync((Up, 2, 2), (Down, 2, 2)))
            .Should().ThrowAsync<StorageUnavailableException>()).Which;
        error.RetryAfter.Should().NotBeNull();
        disk.FreeBytes = long.MaxValue;
        (await database.AppendAsync((Up, 2, 5), (Down, 2, 2))).Stored.Should().Be(2);
        database.ReadAll()[Up].Should().Equal((1, 1.0), (2, 5.0));
        await database.DisposeAsync();
        await using var reopened = await OpenAsync();
        reopened.ReadAll()[Up].Should().Equal((1, 1.0), (2, 5.0));
        reopened.ReadAll()[Down].Should().Equal((2, 2.0));
    }

    [Fact]
    public async Task CommitAsync_RefusesForGood_AfterAWriteError()
    {
        var disk = new FaultyDataDirectory(new DataDirectory(_root.Path));
        await using var database = await TestDatabase.OpenAsync(disk);
        await database.AppendAsync((Up, 1, 1));
        disk.FailWrites = true;
        (await database.Invoking(d => d.AppendAsync((Up, 2, 2))).Should().ThrowAsync<StorageUnavailableException>())
            .Which.RetryAfter.Should().BeNull();
        disk.FailWrites = false;
        database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>();
        database.ReadAll()[Up].Should().Equal((1, 1.0));
    }

    [Fact]
    public async Task GetMetadata_HasTheNewestOfEachFamily()
    {
        await using var database = await OpenAsync();
        using (var appender = database.CreateAppender())
        {
            appender.UpdateMetadata("b"u8, new MetricMetadata("gauge", "B", ""));
            appender.UpdateMetadata("a"u8, new MetricMetadata("counter", "old", ""));
            appender.UpdateMetadata("a"u8, new MetricMetadata("counter", "new", "s"));
            (await appender.CommitAsync(TestContext.Current.CancellationToken)).Stored.Should().Be(0);
        }

        database.GetMetadata().Select(e => e.Key).Should().Equal("a", "b");
        database.GetMetadata("a").Single().Value.Should().Equal(new MetricMetadata("counter", "new", "s"));
        database.GetMetadata("c").Should().BeEmpty();
    }

    [Fact]
    public async Task GetCardinality_ListsTheLargest()
    {
        await using var database = await OpenAsync();
        for (var i = 0; i < 5; i++) await database.AppendAsync((Series("m", ("i", $"{i}"), ("same", "xyz")), 1, 1));
        await database.AppendAsync((Series("n", ("i", "0")), 1, 1));
        var cardinality = database.GetCardinality(2);
        cardinality.SeriesCountByMetricName.Should().Equal(new NamedCount("m", 5), new NamedCount("n", 1));
        cardinality.LabelValueCountByLabelName.Should().Equal(new NamedCount("i", 5), new NamedCount("__name__", 2));
        cardinality.MemoryInBytesByLabelName.Should().Equal(
            new NamedCount("__name__", 6 * 11), new NamedCount("same", 5 * 9));
        cardinality.SeriesCountByLabelValuePair.Should()
            .BeEquivalentTo([new NamedCount("__name__=m", 5), new NamedCount("same=xyz", 5)]);
    }

    public void Dispose() => _root.Dispose();

    private Task<Database> OpenAsync(Func<DatabaseOptions, DatabaseOptions>? with = null) =>
        TestDatabase.OpenAsync(new DataDirectory(_root.Path), with);
}
