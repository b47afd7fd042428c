using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>Databases that are compacted: what is stored stays the same.</summary>
public sealed class MaintenanceTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    // The beginning of a block of 2 hours, of one of 6 and of one of 18.
    private const long Start = 486_000 * Hour;

    private readonly TemporaryDirectory _folder = new();
    private readonly SimulatedScrapes _scrapes = new(20, 30_000);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_WritesTheHeadToBlocks_AndMergesThem_OverADay()
    {
        await using (var database = await OpenAsync(_folder.Open()))
        {
            for (var hour = 0; hour < 24; hour++)
            {
                await _scrapes.AppendAsync(database, Start + (hour * Hour), Start + ((hour + 1) * Hour));
                await RunAsync(database);
                database.ReadAll().ShouldHold(_scrapes.Expected);
            }

            // Three times three blocks are one; the newest two hours are in the head.
            Assert.Equal("0-18 18-20 20-22", Ranges(database));
            Assert.Equal(Start + (22 * Hour), database.Blocks.Current.HeadMinTimeMs);
            Assert.Equal(0, database.Maintenance!.Metrics.Failed);
            Assert.True(database.Head.Appender.MinTimeMs >= Start + (22 * Hour));
            Assert.Equal(20, database.Head.Table.LivingCount);
        }

        await using var reopened = await OpenAsync(_folder.Open());
        Assert.Equal("0-18 18-20 20-22", Ranges(reopened));
        reopened.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task Appends_WakeCompaction_WhenTheHeadSpansEnough()
    {
        await using var database = await OpenAsync(_folder.Open(), options => options with { IsAutoCompacted = true });
        await _scrapes.AppendAsync(database, Start, Start + (9 * Hour));
        // Behind the rounds that were asked for.
        while (database.Head.Appender.MaxTimeMs > ((IHeadUpkeep)database).Trigger.DueAtMs)
            await database.Maintenance!.RunAsync();
        Assert.Equal(Start + (6 * Hour), database.Blocks.Current.HeadMinTimeMs);
        database.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task RunAsync_WritesWhatCameLate_AndMergesItWithTheRest()
    {
        await using (var database = await OpenAsync(_folder.Open()))
        {
            for (var hour = 0; hour < 12; hour++)
            {
                await _scrapes.AppendAsync(database, Start + (hour * Hour), Start + ((hour + 1) * Hour));
                // One by one, each older than the one before.
                for (var late = 1; late < 150 && hour > 0; late += 7)
                    await _scrapes.AppendAsync(database, Start + ((hour + 1) * Hour) - (late * Minute) + 3);
                await RunAsync(database);
                database.ReadAll().ShouldHold(_scrapes.Expected);
            }

            Assert.True(database.Maintenance!.Metrics.Vertical > 0);
            AssertDisjoint(database);
        }

        await using var reopened = await OpenAsync(_folder.Open());
        reopened.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task RunAsync_SkipsHolesOfTime()
    {
        await using var database = await OpenAsync(
            _folder.Open(), options => options with { RetentionTime = TimeSpan.Zero });
        await _scrapes.AppendAsync(database, Minute, 10 * Minute);
        await _scrapes.AppendAsync(database, Start, Start + (4 * Hour));
        await RunAsync(database);
        Assert.Equal([2 * Hour, Start + (2 * Hour)], database.Blocks.Current.Blocks.Select(b => b.Meta.MaxTimeMs));
        database.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task CompactAsync_WritesAllOfTheHead_WhichGoesOnToTakeSamples()
    {
        await using (var database = await OpenAsync(_folder.Open()))
        {
            await _scrapes.AppendAsync(database, Start, Start + (5 * Hour));
            await _scrapes.AppendAsync(database, Start + (4 * Hour) + 5);
            await database.CompactAsync();
            database.ReadAll().ShouldHold(_scrapes.Expected);
            Assert.Equal(Start + (2 * Hour), database.Blocks.Current.HeadMinTimeMs);
            var hinted = database.Blocks.Current.Blocks.Where(block => block.Meta.Compaction.IsPartial()).ToList();
            Assert.All(hinted, block => Assert.True(block.Meta.MinTimeMs >= Start + (2 * Hour)));
            Assert.Equal(_scrapes.Expected.Values.Sum(samples => samples.Count), Samples(database));

            // Twice is once, and what they cover is still compacted as ever.
            await database.CompactAsync();
            Assert.Equal(_scrapes.Expected.Values.Sum(samples => samples.Count), Samples(database));
            await _scrapes.AppendAsync(database, Start + (5 * Hour), Start + (10 * Hour));
            await RunAsync(database);
            AssertDisjoint(database);
            database.ReadAll().ShouldHold(_scrapes.Expected);
        }

        await using var reopened = await OpenAsync(_folder.Open());
        reopened.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task CompactAsync_LosesNothing_WhenTheProcessIsKilledAfterIt()
    {
        var directory = new FaultyDataDirectory(_folder.Open());
        var database = await OpenAsync(directory);
        await _scrapes.AppendAsync(database, Start, Start + (3 * Hour));
        await database.CompactAsync();
        await _scrapes.AppendAsync(database, Start + (3 * Hour), Start + (3 * Hour) + (10 * Minute));
        directory.KillAtChange = 0;
        await using (var reopened = await OpenAsync(_folder.Open()))
            reopened.ReadAll().ShouldHold(_scrapes.Expected);
        await Assert.ThrowsAsync<SimulatedCrashException>(async () => await database.DisposeAsync());
    }

    [Fact]
    public async Task Retention_DeletesTheOldestBlocks()
    {
        await using var database = await OpenAsync(
            _folder.Open(), options => options with { RetentionTime = TimeSpan.FromHours(10) });
        await _scrapes.AppendAsync(database, Start, Start + (16 * Hour));
        await RunAsync(database);
        Assert.Equal("4-6 6-8 8-10 10-12 12-14", Ranges(database));
        Assert.All(database.ReadAll().Values, samples => Assert.True(samples[0].T >= Start + (4 * Hour)));
    }

    [Fact]
    public async Task RunAsync_LeavesNoRubbish_WhenTheDiskIsFull()
    {
        var directory = new FaultyDataDirectory(_folder.Open());
        await using var database = await OpenAsync(directory);
        await _scrapes.AppendAsync(database, Start, Start + (5 * Hour));
        var failures = 0;
        for (; database.Blocks.Current.Blocks.Count == 0; failures++)
        {
            directory.FreeBytes = 300 * failures;
            try
            {
                await RunAsync(database);
            }
            catch (DiskFullException)
            {
                Assert.DoesNotContain(directory.List(""), name => name.Length >= Ulid.TextLength);
            }
        }

        Assert.InRange(failures, 10, 1000);
        Assert.Equal("0-2", Ranges(database));
        database.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task DisposeAsync_CancelsWhatRuns_AndLeavesNoHalfBlock()
    {
        var directory = new FaultyDataDirectory(_folder.Open());
        var database = await OpenAsync(directory);
        await _scrapes.AppendAsync(database, Start, Start + (5 * Hour));
        using var isWriting = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        directory.BeforeSync = () =>
        {
            isWriting.Release();
            goOn.Wait();
        };
        var running = database.Maintenance!.RunAsync();
        await isWriting.WaitAsync(TestContext.Current.CancellationToken);
        var closing = database.DisposeAsync();
        directory.BeforeSync = null;
        goOn.Release();
        await closing;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => running);
        Assert.DoesNotContain(_folder.Open().List(""), name => name.Length > Ulid.TextLength);
        await using var reopened = await OpenAsync(_folder.Open());
        reopened.ReadAll().ShouldHold(_scrapes.Expected);
    }

    [Fact]
    public async Task Queries_SeeEverySampleOnce_WhileBlocksAreMade()
    {
        await using var database = await OpenAsync(_folder.Open());
        await _scrapes.AppendAsync(database, Start, Start + (14 * Hour));
        var expected = _scrapes.Expected;
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var rounds = 0;
            for (; !stop.IsCancellationRequested || rounds == 0; rounds++) database.ReadAll().ShouldHold(expected);
            return rounds;
        })).ToList();
        await RunAsync(database);
        await database.CompactAsync();
        await stop.CancelAsync();
        foreach (var rounds in await Task.WhenAll(readers)) Assert.True(rounds > 0);
    }

    private static async Task RunAsync(Database database)
    {
        await database.Maintenance!.RunAsync();
        await database.Blocks.RemovedAsync();
    }

    private static string Ranges(Database database) => string.Join(' ', database.Blocks.Current.Blocks.Select(
        block => $"{Hours(block.Meta.MinTimeMs)}-{Hours(block.Meta.MaxTimeMs)}"));

    private static long Hours(long timeMs) => (timeMs - Start) / Hour;

    private static long Samples(Database database) => database.Blocks.Current.Blocks.Sum(b => b.Meta.Stats.Samples);

    private static void AssertDisjoint(Database database)
    {
        var blocks = database.Blocks.Current.Blocks;
        for (var i = 1; i < blocks.Count; i++)
            Assert.True(blocks[i].Meta.MinTimeMs >= blocks[i - 1].Meta.MaxTimeMs);
    }
}
