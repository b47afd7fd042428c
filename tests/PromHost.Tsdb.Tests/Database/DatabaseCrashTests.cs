using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class DatabaseCrashTests
{
    [Fact]
    public async Task TwoConnectionsWithInterleavedNewSeries_KilledAtEachWrite_LoseNothingAcknowledged()
    {
        var changes = await RunAsync(int.MaxValue);
        changes.Should().BeGreaterThan(20);
        for (var kill = 1; kill <= changes; kill++) await RunAsync(kill);
    }

    [Fact]
    public async Task ReplayAsync_CutsATornTail_AndGoesOn()
    {
        using var root = new TemporaryDirectory();
        var series = TestDatabase.Series("a", ("b", "c"));
        await using (var database = await TestDatabase.OpenAsync(root.Open()))
        {
            for (var t = 1; t <= 50; t++) await database.AppendAsync((series, t * 1000, t));
        }

        var segment = root.PathOf("wal/00000000");
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        var end = Array.FindLastIndex(bytes, b => b != 0) + 1;
        for (var cut = end - 1; cut > end - 40; cut--)
        {
            await File.WriteAllBytesAsync(segment, bytes[..cut], TestContext.Current.CancellationToken);
            foreach (var later in Directory.GetFiles(root.PathOf("wal")).Where(f => f != segment)) File.Delete(later);
            await using (var database = await TestDatabase.OpenAsync(root.Open()))
            {
                var samples = database.ReadAll()[series];
                samples.Count.Should().BeInRange(47, 50);
                (await database.AppendAsync((series, 100_000, 1))).Stored.Should().Be(1);
            }

            await using var reopened = await TestDatabase.OpenAsync(root.Open());
            reopened.ReadAll()[series][^1].Should().Be((100_000, 1.0));
        }
    }

    // Runs the story with a kill at the n-th change of the disk; returns the changes seen.
    private static async Task<int> RunAsync(int kill)
    {
        using var root = new TemporaryDirectory();
        var disk = new FaultyDataDirectory(root.Open()) { KillAtChange = kill };
        var offered = new Dictionary<Labels, List<(long T, double V)>>();
        var acknowledged = new Dictionary<Labels, List<(long T, double V)>>();
        Database? database = null;
        try
        {
            database = await TestDatabase.OpenAsync(disk);
            for (var round = 1; round <= 12; round++) await RoundAsync(database, round, offered, acknowledged);
            await database.DisposeAsync();
        }
        catch (Exception error) when (error is SimulatedCrashException or StorageUnavailableException)
        {
            if (database is not null) await DisposeDeadAsync(database);
        }

        await using var reopened = await TestDatabase.OpenAsync(root.Open());
        var stored = reopened.ReadAll();
        foreach (var (labels, samples) in acknowledged) stored[labels].Should().Contain(samples, $"kill at {kill}");
        foreach (var (labels, samples) in stored) samples.Should().BeSubsetOf(offered[labels], $"kill at {kill}");

        // The log must take new samples of all series, old and new ones.
        await RoundAsync(reopened, 100, offered, acknowledged);
        await reopened.DisposeAsync();
        await using var again = await TestDatabase.OpenAsync(root.Open());
        stored = again.ReadAll();
        foreach (var (labels, samples) in acknowledged) stored[labels].Should().Contain(samples, $"kill at {kill}");
        return disk.Changes;
    }

    // Two connections find or create the same new series, then commit in either order.
    private static async Task RoundAsync(
        Database database,
        int round,
        Dictionary<Labels, List<(long T, double V)>> offered,
        Dictionary<Labels, List<(long T, double V)>> acknowledged)
    {
        using var first = database.CreateAppender();
        using var second = database.CreateAppender();
        var ofFirst = Stage(first, round, 0, round, offered);
        var ofSecond = Stage(second, round, 1, round, offered);
        var token = TestContext.Current.CancellationToken;
        if (round % 3 == 0)
        {
            var waiting = second.CommitAsync(token).AsTask();
            Acknowledge(acknowledged, ofFirst, await first.CommitAsync(token));
            Acknowledge(acknowledged, ofSecond, await waiting);
            return;
        }

        Acknowledge(acknowledged, ofSecond, await second.CommitAsync(token));
        Acknowledge(acknowledged, ofFirst, await first.CommitAsync(token));
    }

    private static List<(Labels Labels, long T, double V)> Stage(
        IAppender appender, int round, int connection, int count, Dictionary<Labels, List<(long T, double V)>> offered)
    {
        var staged = new List<(Labels, long, double)>();
        for (var i = 0; i < count; i++)
        {
            var labels = TestDatabase.Series("m", ("i", i.ToString(CultureInfo.InvariantCulture)));
            // Both connections share the series; each has timestamps of its own, the second ones are older.
            var t = (round * 10_000L) + (i % 2 == connection ? 0 : 1);
            appender.Append(appender.GetOrAddSeries(labels, []), [new FloatSample(t, round)]);
            if (!offered.TryGetValue(labels, out var samples)) offered[labels] = samples = [];
            samples.Add((t, round));
            staged.Add((labels, t, round));
        }

        return staged;
    }

    // Where the other connection was newer, a sample is rejected and that is told.
    private static void Acknowledge(
        Dictionary<Labels, List<(long T, double V)>> acknowledged,
        List<(Labels Labels, long T, double V)> staged,
        AppendReport report)
    {
        (report.Stored + report.Rejected.Count).Should().Be(staged.Count);
        foreach (var (labels, t, v) in staged)
        {
            if (report.Rejected.Any(r => r.Labels == labels && r.Sample.TimestampMs == t)) continue;
            if (!acknowledged.TryGetValue(labels, out var samples)) acknowledged[labels] = samples = [];
            samples.Add((t, v));
        }
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
