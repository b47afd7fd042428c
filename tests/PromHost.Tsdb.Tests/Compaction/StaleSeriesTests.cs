using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Series that have gone stale are written to early blocks and evicted; nothing is lost by it.</summary>
public sealed class StaleSeriesTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Start = 1_700_006_400_000;
    private const int SeriesCount = 10;
    private const int StaleCount = 6;

    private readonly TemporaryDirectory _folder = new();
    private readonly Dictionary<Labels, List<(long T, double V)>> _expected = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    public async Task RunAsync_EvictsStaleSeries_ToEarlyBlocks(int minutes)
    {
        await using (var database = await OpenAsync())
        {
            await FillAsync(database, minutes);

            await database.Maintenance!.RunAsync();

            database.Head.Table.LivingCount.Should().Be(SeriesCount - StaleCount);
            database.Maintenance!.Metrics.StaleTriggered.Should().Be(1);
            AssertBlocks(database);
            database.Blocks.Current.HeadMinTimeMs.Should().Be(long.MinValue);
            database.ReadAll().ShouldHold(_expected);
            using (var querier = database.OpenQuerier(long.MinValue, long.MaxValue))
                querier.LabelValues("i", []).Should().HaveCount(SeriesCount);
            // There is nothing more to do.
            var blocks = database.Blocks.Current.Blocks.Count;
            await database.Maintenance!.RunAsync();
            database.Blocks.Current.Blocks.Should().HaveCount(blocks);
        }

        // The log has them still: they are in both places, and evicted anew.
        await using var reopened = await OpenAsync();
        reopened.ReadAll().ShouldHold(_expected);
        await reopened.Maintenance!.RunAsync();
        reopened.Head.Table.LivingCount.Should().Be(SeriesCount - StaleCount);
        AssertBlocks(reopened);
        reopened.ReadAll().ShouldHold(_expected);
    }

    [Fact]
    public async Task RunAsync_LeavesTheHeadAlone_WhereTheyAreFewOrItIsOff()
    {
        await using (var database = await OpenAsync(threshold: 0.61))
        {
            await FillAsync(database, 30);
            await database.Maintenance!.RunAsync();
            database.Head.Table.LivingCount.Should().Be(SeriesCount);
            database.Blocks.Current.Blocks.Should().BeEmpty();
        }

        await using var off = await OpenAsync(threshold: 0);
        await off.Maintenance!.RunAsync();
        off.Head.Table.LivingCount.Should().Be(SeriesCount);
    }

    [Fact]
    public async Task RunAsync_WaitsForTheUsualCompaction_WhenThatIsNear()
    {
        await using var database = await OpenAsync();
        await FillAsync(database, 172);
        await database.Maintenance!.RunAsync();
        database.Head.Table.LivingCount.Should().Be(SeriesCount);
    }

    [Fact]
    public async Task Append_GoesOn_WhereAnEvictedSeriesComesBack()
    {
        await using (var database = await OpenAsync())
        {
            await FillAsync(database, 30);
            await database.Maintenance!.RunAsync();

            // Newer, then older than its last sample: the second one is out of order as if the series had stayed.
            await AppendAsync(database, Series(0), Start + (40 * Minute), 1);
            await AppendAsync(database, Series(0), Start + (20 * Minute) + 1, 2);
            await AppendAsync(database, Series(1), Start + (10 * Minute) + 1, 3);
            database.ReadAll().ShouldHold(_expected);
        }

        // What the log has in order is passed over where a series has a newer sample.
        await using (var reopened = await OpenAsync()) reopened.ReadAll().ShouldHold(_expected);
        await using var again = await OpenAsync();
        await again.CompactAsync();
        again.ReadAll().ShouldHold(_expected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DeleteSeries_IsForGood_WhereTheLogHasAnEvictedSeriesStill(bool isRestarted)
    {
        await using (var database = await OpenAsync(hasImage: true))
        {
            await FillAsync(database, 30);
            await database.Maintenance!.RunAsync();
            database.Image!.WriteNow();
            if (!isRestarted) await DeleteAsync(database);
        }

        if (isRestarted)
        {
            // The image lacks them.
            await using var database = await OpenAsync(hasImage: true);
            await DeleteAsync(database);
        }

        // All of the log is read.
        _folder.Open().Delete(HeadImageFormat.Path);
        await using var reopened = await OpenAsync(hasImage: true);
        _expected[Series(0)].RemoveAll(sample => sample.T <= Start + (20 * Minute));
        reopened.ReadAll().ShouldHold(_expected);

        // Tombstones are gone with what they delete, when the start comes.
        static async Task DeleteAsync(Database database)
        {
            await database.DeleteSeriesAsync(
                Start, Start + (20 * Minute), [new LabelMatcher(Model.MatchType.Equal, "i", "0")],
                TestContext.Current.CancellationToken);
            await database.CleanTombstonesAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Open_KnowsEvictedSeries_WhichTheHeadLacks()
    {
        await using (var database = await OpenAsync())
        {
            await FillAsync(database, 30);
            await database.Maintenance!.RunAsync();
        }

        // As a start with an image of the head that was made after the eviction.
        var kept = Path.Combine(_folder.Path, "kept");
        Directory.Move(_folder.PathOf("wal"), kept);
        foreach (var labels in _expected.Keys.Except(Enumerable.Range(0, StaleCount).Select(Series)).ToList())
            _expected.Remove(labels);
        await using (var reopened = await OpenAsync())
        {
            reopened.ReadAll().ShouldHold(_expected);
            await AppendAsync(reopened, Series(SeriesCount), Start + (31 * Minute), 4);
            await AppendAsync(reopened, Series(0), Start + (10 * Minute) + 1, 5);
            await AppendAsync(reopened, Series(1), Start + (30 * Minute), 6);

            reopened.Head.OutOfOrder.MinTimeMs.Should().Be(Start + (10 * Minute) + 1);
            reopened.Head.OutOfOrder.MaxTimeMs.Should().Be(Start + (10 * Minute) + 1);
            reopened.ReadAll().ShouldHold(_expected);
        }
    }

    [Fact]
    public async Task Open_HasWhatWasLoggedSinceAStartThatPassedOverTheImage()
    {
        await using (var database = await OpenAsync(hasImage: true))
        {
            await FillAsync(database, 30);
            await database.Maintenance!.RunAsync();
            // It has another number in the log now, and in the image.
            await AppendAsync(database, Series(0), Start + (40 * Minute), 1);
        }

        var directory = new FaultyDataDirectory(_folder.Open());
        var reopened = await OpenAsync(hasImage: true, directory: directory);
        reopened.ImageReplay.IsIgnored.Should().BeTrue();
        for (var t = 41; t < 240; t++) await AppendAsync(reopened, Series(0), Start + (t * Minute), t);
        await reopened.Maintenance!.RunAsync();
        reopened.Blocks.Current.HeadMinTimeMs.Should().Be(Start + (120 * Minute));
        await HeadImageTests.KillAsync(reopened, directory);

        await using var again = await OpenAsync(hasImage: true);
        again.ReadAll().ShouldHold(_expected);
    }

    [Fact]
    public async Task Evict_LeavesSeriesToWhichSomethingCame()
    {
        await using var database = await OpenAsync();
        await FillAsync(database, 30);
        var eviction = new SeriesEviction(database.Head, ((IHeadUpkeep)database).OnCommitterAsync);
        await eviction.FindAsync(TestContext.Current.CancellationToken);
        eviction.Stale.Should().HaveCount(StaleCount);

        await AppendAsync(database, Series(0), Start + (40 * Minute), 1);
        await AppendAsync(database, Series(1), Start + (10 * Minute) + 1, 3);
        await eviction.EvictAsync(TestContext.Current.CancellationToken);

        eviction.EvictedCount.Should().Be(StaleCount - 2);
        database.Head.Table.LivingCount.Should().Be(SeriesCount - StaleCount + 2);
    }

    [Fact]
    public async Task TruncateHead_ForgetsWhatWasEvicted()
    {
        await using var database = await OpenAsync();
        await FillAsync(database, 150);
        await database.Maintenance!.RunAsync();
        for (var t = 150; t < 240; t++) await AppendAsync(database, Series(9), Start + (t * Minute), t);
        await database.Maintenance!.RunAsync();

        database.Blocks.Current.HeadMinTimeMs.Should().Be(Start + (120 * Minute));
        // In the head's time now, and as good as new.
        await AppendAsync(database, Series(0), Start + (241 * Minute), 1);
        database.ReadAll().ShouldHold(_expected);
        await database.CompactAsync();
        database.ReadAll().ShouldHold(_expected);
    }

    private static Labels Series(int i) =>
        TestDatabase.Series("m", ("i", i.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static void AssertBlocks(Database database)
    {
        database.Blocks.Current.Blocks.Should().NotBeEmpty().And.OnlyContain(
            block => block.Meta.Compaction.HasHint(BlockCompaction.FromOutOfOrder) &&
                block.Meta.Compaction.HasHint(BlockCompaction.FromStaleSeries));
    }

    private Task<Database> OpenAsync(
        double threshold = 0.5, bool hasImage = false, IDataDirectory? directory = null) => TestDatabase.OpenAsync(
        directory ?? _folder.Open(),
        options => options with { StaleSeriesCompactionThreshold = threshold, IsHeadImageWritten = hasImage });

    private async Task FillAsync(Database database, int minutes)
    {
        for (var t = 0; t < minutes; t++)
        {
            for (var i = 0; i < SeriesCount; i++)
            {
                var isLast = t == minutes - 2 && i < StaleCount;
                if (t == minutes - 1 && i < StaleCount) continue;
                await AppendAsync(database, Series(i), Start + (t * Minute), isLast ? StaleMarker.Value : t * i);
            }
        }
    }

    private async Task AppendAsync(Database database, Labels labels, long timestampMs, double value)
    {
        var report = await database.AppendAsync((labels, timestampMs, value));
        report.Rejected.Should().BeEmpty();
        if (!_expected.TryGetValue(labels, out var samples)) _expected[labels] = samples = [];
        samples.Add((timestampMs, value));
        samples.Sort((a, b) => a.T.CompareTo(b.T));
    }
}
