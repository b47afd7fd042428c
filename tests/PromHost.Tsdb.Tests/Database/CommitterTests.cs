using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class CommitterTests : IDisposable
{
    private static readonly Labels Up = TestDatabase.Series("up");
    private readonly TemporaryDirectory _root = new();
    private const int WritesClosedEvent = 10;
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();

    [Fact]
    public async Task CommitAsync_SyncsFirst_WhenThePolicyIsAlways()
    {
        await using var database = await OpenAsync(WalSyncPolicy.Always, _root.Open());
        for (var t = 1; t <= 5; t++)
        {
            await database.AppendAsync((Up, t, t));
            database.Counters!.WalSyncs.Should().Be(t);
        }
    }

    [Fact]
    public async Task CommitAsync_RefusesForGood_AfterAFailedSync()
    {
        var disk = new FaultyDataDirectory(_root.Open());
        await using var database = await OpenAsync(WalSyncPolicy.Always, disk);
        await database.AppendAsync((Up, 1, 1));
        database.GetHealth().WritesRefused.Should().BeNull();
        disk.FailSyncs = true;
        await database.Invoking(d => d.AppendAsync((Up, 2, 2))).Should().ThrowAsync<StorageUnavailableException>();
        disk.FailSyncs = false;
        database.GetHealth().WritesRefused.Should().Contain("input/output error");
        database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>()
            .Which.RetryAfter.Should().BeNull();
        database.ReadAll()[Up].Should().Equal((1, 1.0));
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("wbl")]
    public async Task CommitAsync_RefusesForGood_AfterAFailedWrite(string log)
    {
        var disk = new FaultyDataDirectory(_root.Open());
        await using (var database = await OpenAsync(WalSyncPolicy.Never, disk))
        {
            await database.AppendAsync((Up, 1000, 1));
            disk.FailWritesOf = log;
            await database.Invoking(d => d.AppendAsync((Up, 2000, 2), (Up, 500, 3))).Should()
                .ThrowAsync<StorageUnavailableException>();
            disk.FailWritesOf = null;
            database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>()
                .Which.RetryAfter.Should().BeNull();
            database.GetHealth().WritesRefused.Should().Contain("input/output error");
            database.Broken.Should().NotBeNull();
            database.ReadAll()[Up].Should().Equal((1000, 1.0));
        }

        // What was not acknowledged may be there, whole or in part; what was is.
        await using var reopened = await OpenAsync(WalSyncPolicy.Never, _root.Open());
        reopened.ReadAll()[Up].Should().Contain((1000, 1.0));
        reopened.GetHealth().WritesRefused.Should().BeNull();
        await reopened.AppendAsync((Up, 3000, 1));
        reopened.ReadAll()[Up][^1].Should().Be((3000, 1.0));
    }

    [Fact]
    public async Task CommitAsync_DoesNotWait_ForASyncUnderWay()
    {
        var disk = new FaultyDataDirectory(_root.Open());
        await using var database = await OpenAsync(WalSyncPolicy.Interval, disk);
        await database.AppendAsync((Up, 1, 1));
        database.Counters!.WalSyncs.Should().Be(0);
        var mayEnd = NewSignal();
        var begun = NewSignal();
        disk.BeforeSync = () =>
        {
            begun.TrySetResult();
            mayEnd.Task.Wait();
        };
        _time.FireTimers();
        await begun.Task;

        await database.AppendAsync((Up, 2, 2));

        // What came meanwhile is for the next sync; another one waits for the one under way.
        database.Counters.WalSyncs.Should().Be(0);
        begun = NewSignal();
        mayEnd.SetResult();
        _time.FireTimers();
        await begun.Task;
    }

    [Fact]
    public async Task CommitAsync_RefusesForGood_AfterASyncOfTheIntervalFailed()
    {
        var disk = new FaultyDataDirectory(_root.Open());
        await using var database = await OpenAsync(WalSyncPolicy.Interval, disk);
        await database.AppendAsync((Up, 1, 1));
        disk.FailSyncs = true;
        _time.FireTimers();
        await _log.WaitForAsync(WritesClosedEvent);
        disk.FailSyncs = false;
        // Not the changes of the disk: a background round makes some, too.
        var syncs = database.Counters!.WalSyncs;
        _time.FireTimers();

        database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>()
            .Which.RetryAfter.Should().BeNull();
        database.ReadAll()[Up].Should().Equal((1, 1.0));
        await database.DisposeAsync();
        database.Counters!.WalSyncs.Should().Be(syncs, "a failed sync is never repeated");
    }

    [Fact]
    public async Task CommitAsync_TakesAllBatches_OfManyConnections()
    {
        const int Connections = 8;
        const int Batches = 60;
        await using (var database = await OpenAsync(WalSyncPolicy.Never, _root.Open()))
        {
            await Task.WhenAll(Enumerable.Range(0, Connections).Select(c => Task.Run(() => SendAsync(database, c))));
            Check(database);
            database.Counters!.Batches.Should().Be(Connections * Batches);
            database.Counters.Groups.Should().BeLessThanOrEqualTo(Connections * Batches);
        }

        await using var reopened = await OpenAsync(WalSyncPolicy.Never, _root.Open());
        Check(reopened);

        static async Task SendAsync(Database database, int connection)
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                var samples = Enumerable.Range(batch / 10, 20).Select(i => (LabelsOf(connection, i), batch + 1L, 1.0));
                var report = await database.AppendAsync([.. samples]);
                report.Stored.Should().Be(20);
            }
        }

        static void Check(Database database)
        {
            var all = database.ReadAll();
            all.Should().HaveCount(Connections * 25);
            all.Values.Sum(samples => samples.Count).Should().Be(Connections * Batches * 20);
        }

        static Labels LabelsOf(int connection, int i) => TestDatabase.Series(
            "m",
            ("connection", connection.ToString(CultureInfo.InvariantCulture)),
            ("i", i.ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task DisposeAsync_CommitsWhatWasSubmitted()
    {
        var database = await OpenAsync(WalSyncPolicy.Never, _root.Open());
        var commits = Enumerable.Range(1, 50).Select(t => database.AppendAsync((Up, t, t))).ToArray();
        await database.DisposeAsync();
        (await Task.WhenAll(commits)).Sum(report => report.Stored).Should().Be(50);
        database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>();
        database.Invoking(d => d.OpenQuerier(0, 1)).Should().Throw<StorageUnavailableException>();
        await using var reopened = await OpenAsync(WalSyncPolicy.Never, _root.Open());
        reopened.ReadAll()[Up].Should().HaveCount(50);
    }

    [Fact]
    public async Task DisposeAsync_WaitsForQueriers()
    {
        var database = await OpenAsync(WalSyncPolicy.Never, _root.Open());
        for (var t = 0; t < 500; t++) await database.AppendAsync((Up, t * 1000, t));
        var querier = database.OpenQuerier(0, 1_000_000);
        var closing = database.DisposeAsync().AsTask();
        querier.ReadAll()[Up].Should().HaveCount(500);
        closing.IsCompleted.Should().BeFalse();
        querier.Dispose();
        await closing;
    }

    public void Dispose() => _root.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task<Database> OpenAsync(WalSyncPolicy policy, IDataDirectory directory)
    {
        var options = new DatabaseOptions { DataPath = directory.RootPath, WalSync = policy };
        var database = Database.Open(options, directory, _log, _time);
        await database.ReplayAsync();
        return database;
    }
}
