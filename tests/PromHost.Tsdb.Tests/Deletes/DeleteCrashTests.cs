using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public sealed class DeleteCrashTests
{
    private static readonly LabelMatcher Matcher = new(MatchType.Equal, "__name__", "temperature");

    [Fact]
    public async Task DeleteAndClean_LeaveAllOrNothingOfThem_WhenKilledAtAnyChange()
    {
        var changes = int.MaxValue;
        var seen = new HashSet<(int Blocks, int Head)>();
        for (var killAt = 1; killAt <= changes; killAt++)
        {
            var (made, blocks, head) = await RunAsync(killAt);
            if (made < killAt) changes = made;
            seen.Add((blocks, head));
        }

        // Deleted in both, in the block alone, in none.
        seen.Should().BeEquivalentTo([(482, 5), (482, 10), (1982, 10)]);
    }

    private static async Task<(int Changes, int BlockSamples, int HeadSamples)> RunAsync(int killAt)
    {
        using var root = new TemporaryDirectory();
        GoldenBlock.CopyTo(root.Path);
        var labels = TestDatabase.Series("temperature", ("new", "yes"));
        await using (var before = await TestDatabase.OpenAsync(root.Open()))
        {
            for (var i = 0; i < 10; i++) await before.AppendAsync((labels, GoldenBlock.MaxTimeMs + i, i));
        }

        var disk = new FaultyDataDirectory(root.Open()) { KillAtChange = killAt };
        Database? database = null;
        try
        {
            database = await TestDatabase.OpenAsync(disk);
            await database.DeleteSeriesAsync(
                long.MinValue, GoldenBlock.MaxTimeMs + 4, [Matcher], TestContext.Current.CancellationToken);
            await database.CleanTombstonesAsync(TestContext.Current.CancellationToken);
            await database.DisposeAsync();
        }
        catch (Exception error) when (error is SimulatedCrashException or StorageUnavailableException)
        {
            if (database is not null) await DisposeDeadAsync(database);
        }

        await using var reopened = await TestDatabase.OpenAsync(root.Open());
        reopened.Blocks.UnreadableCount.Should().Be(0, "killed at {0}", killAt);
        reopened.Blocks.Current.Blocks.Should().ContainSingle("killed at {0}", killAt);
        var stored = reopened.ReadAll();
        var head = stored[labels].Count;
        return (disk.Changes, stored.Values.Sum(samples => samples.Count) - head, head);
    }

    private static async Task DisposeDeadAsync(Database database)
    {
        try
        {
            await database.DisposeAsync();
        }
        catch (SimulatedCrashException)
        {
            // The dead disk refuses the last sync too.
        }
    }
}
