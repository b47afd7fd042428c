using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public sealed class DeleteSeriesTests : IDisposable
{
    private static readonly Labels A = TestDatabase.Series("m", ("l", "a"));
    private static readonly Labels B = TestDatabase.Series("m", ("l", "b"));

    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;

    public DeleteSeriesTests() => _directory = _folder.Open();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task DeleteSeries_HidesSamplesAtOnce_AndAfterARestart_InTheHead()
    {
        var left = new Dictionary<Labels, List<(long, double)>>
        {
            [A] = [.. Samples(0, 9), .. Samples(21, 49)],
            [B] = [.. Samples(0, 49)],
        };
        await using (var database = await TestDatabase.OpenAsync(_directory))
        {
            await database.AppendAsync([.. Samples(0, 49).Select(s => (A, s.T, s.V))]);
            await database.AppendAsync([.. Samples(0, 49).Select(s => (B, s.T, s.V))]);
            using var before = database.OpenQuerier(long.MinValue, long.MaxValue);
            await database.DeleteSeriesAsync(10_000, 20_000, [Matcher("l", "a")], Cancellation);
            database.ReadAll().ShouldHold(left);
            before.ReadAll()[A].Should().HaveCount(50);
            ReadHeadChunks(database).ShouldHold(left);
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory);
        reopened.ReadAll().ShouldHold(left);
    }

    [Fact]
    public async Task DeleteSeries_IsForGood_WhenTheHeadGivesUpATime_OfWhichNoBlockIsLeft()
    {
        const long Hour = 3_600_000;
        const int Step = 30_000;
        await using (var database = await TestDatabase.OpenAsync(_directory, OfSmallSegments))
        {
            for (var t = 0; t < 2 * Hour; t += Step) await database.AppendAsync((A, t, t));
            await database.DeleteSeriesAsync(0, 2 * Hour, [Matcher("l", "a")], Cancellation);
            for (var t = 2 * Hour; t < 4 * Hour; t += Step) await database.AppendAsync((A, t, t));
            // The checkpoint takes the deletion in, and the file of chunks has what is deleted.
            for (var t = 4 * Hour; WalSegments.List(_directory, "wal").Count < 6; t++)
                await database.AppendAsync((B, t, t));
            await database.Maintenance!.RunAsync();
            database.Blocks.Current.Blocks.Should().BeEmpty();
            WalSegments.LastCheckpoint(_directory, "wal").Should().BePositive();
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory, OfSmallSegments);
        reopened.ReadAll()[A][0].T.Should().Be(2 * Hour);

        static DatabaseOptions OfSmallSegments(DatabaseOptions options) =>
            options with { WalSegmentBytes = WalFormat.PageBytes, IsHeadImageWritten = false };
    }

    [Fact]
    public async Task DeleteSeries_EndsAtTheNewestSample_SoThatLaterOnesStay()
    {
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.AppendAsync([.. Samples(0, 9).Select(s => (A, s.T, s.V))]);
        await database.DeleteSeriesAsync(long.MinValue, long.MaxValue, [Matcher("__name__", "m")], Cancellation);
        database.ReadAll().Values.Should().OnlyContain(samples => samples.Count == 0);
        await database.AppendAsync((A, 10_000, 10), (B, 10_000, 10));
        database.ReadAll()[A].Should().Equal((10_000, 10));
        database.ReadAll()[B].Should().Equal((10_000, 10));
    }

    [Fact]
    public async Task DeleteSeries_HidesSamplesThatCameOutOfOrder_AndTheLatestOne()
    {
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.AppendAsync((A, 100_000, 1));
        await database.AppendAsync((A, 50_000, 2));
        await database.AppendAsync((A, 60_000, 3));
        await database.DeleteSeriesAsync(0, 55_000, [Matcher("l", "a")], Cancellation);
        database.ReadAll()[A].Should().Equal((60_000, 3), (100_000, 1));
        await database.DeleteSeriesAsync(90_000, 110_000, [Matcher("l", "a")], Cancellation);
        database.ReadAll()[A].Should().Equal((60_000, 3));
        using var querier = database.OpenQuerier(0, 200_000);
        using var set = querier.Select(new SelectHints(0, 200_000), []);
        var batch = new SeriesEntry[1];
        set.ReadNext(batch).Should().Be(1);
        set.TryReadLatest(batch[0], 0, 200_000, out _).Should().Be(LatestSample.Unknown);
    }

    [Fact]
    public async Task DeleteSeries_WritesWhatCameOutOfOrderToABlock_AndDeletesItThere()
    {
        await using (var database = await TestDatabase.OpenAsync(_directory))
        {
            await database.AppendAsync((A, 100_000, 1), (B, 100_000, 1));
            await database.AppendAsync((A, 50_000, 2), (B, 50_000, 2));
            await database.DeleteSeriesAsync(0, 60_000, [Matcher("l", "a")], Cancellation);
            // As Prometheus honours it too when it is started on this directory.
            database.Head.Tombstones.Current.IsEmpty.Should().BeTrue();
            database.Blocks.Current.Blocks.Should().ContainSingle().Which.Tombstones.IntervalCount.Should().Be(1);
            await database.TruncateHeadAsync(90_000, Cancellation);
            await database.TruncateWalAsync(90_000, Cancellation);
            database.ReadAll(0, 60_000).Values.Sum(samples => samples.Count).Should().Be(1);
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory);
        reopened.ReadAll()[A].Should().Equal((100_000, 1));
        reopened.ReadAll()[B].Should().Equal((50_000, 2), (100_000, 1));
    }

    [Fact]
    public async Task DeleteSeries_IsRemembered_WhenTheSamplesCameOutOfOrderAndAreInBlocks()
    {
        var hour = (long)TimeSpan.FromHours(1).TotalMilliseconds;
        await using (var database = await TestDatabase.OpenAsync(_directory))
        {
            await database.AppendAsync((A, 10 * hour, 1), (B, 10 * hour, 1));
            await database.AppendAsync((A, 8 * hour, 2), (B, 8 * hour, 2));
            await database.CompactAsync();
            await database.DeleteSeriesAsync(0, 9 * hour, [Matcher("l", "a")], Cancellation);
            database.ReadAll()[A].Should().Equal((10 * hour, 1));
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory);
        reopened.ReadAll()[A].Should().Equal((10 * hour, 1));
        reopened.ReadAll()[B].Should().Equal((8 * hour, 2), (10 * hour, 1));
    }

    [Fact]
    public async Task DeleteSeries_WritesTombstonesOfBlocks_CutToTheSamplesOfEachSeries()
    {
        GoldenBlock.CopyTo(_folder.Path);
        var (min, max) = (GoldenBlock.MinTimeMs + 1_000_000, GoldenBlock.MinTimeMs + 2_000_000);
        var matcher = new LabelMatcher(MatchType.RegexMatch, "__name__", "temp.*|up");
        var left = GoldenBlock.Expected.ToDictionary(
            series => series.Labels,
            series => series.Samples.Where(
                s => !matcher.Matches(series.Labels.MetricNameValue) || s.T < min || s.T > max).ToList());
        await using (var database = await TestDatabase.OpenAsync(_directory))
        {
            await database.DeleteSeriesAsync(min, max, [matcher], Cancellation);
            database.ReadAll().ShouldHold(left);
            var tombstones = TombstonesFile.Read(_directory, $"{GoldenBlock.Name}/tombstones");
            tombstones.IntervalCount.Should().Be(6);
            BlockMetaFile.Read(_directory, $"{GoldenBlock.Name}/meta.json").Stats.Tombstones.Should().Be(6);
            await database.DeleteSeriesAsync(long.MinValue, max, [Matcher("zone", "z1")], Cancellation);
            tombstones = TombstonesFile.Read(_directory, $"{GoldenBlock.Name}/tombstones");
            tombstones.SeriesRefs.Select(series => tombstones.Of(series)[0].MinTimeMs).Min()
                .Should().Be(GoldenBlock.MinTimeMs);
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory);
        left[GoldenBlock.Expected.Single(s => s.Labels.Get("zone"u8).SequenceEqual("z1"u8)).Labels]
            .RemoveAll(s => s.T <= max);
        reopened.ReadAll().ShouldHold(left);
    }

    [Fact]
    public async Task DeleteSeries_FailsAndChangesNothing_WhenTheDiskIsFull()
    {
        var faulty = new FaultyDataDirectory(_directory);
        await using var database = await TestDatabase.OpenAsync(faulty);
        await database.AppendAsync([.. Samples(0, 9).Select(s => (A, s.T, s.V))]);
        faulty.FreeBytes = 0;
        var delete = () => database.DeleteSeriesAsync(0, 5_000, [Matcher("l", "a")], Cancellation);
        (await delete.Should().ThrowAsync<StorageUnavailableException>()).Which.RetryAfter.Should().NotBeNull();
        database.ReadAll()[A].Should().HaveCount(10);
        faulty.FreeBytes = long.MaxValue;
        await delete();
        database.ReadAll()[A].Should().HaveCount(4);
        await database.AppendAsync((A, 20_000, 1));
    }

    [Fact]
    public async Task CleanTombstones_WritesABlockAnew_WithoutWhatIsDeleted()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.DeleteSeriesAsync(
            GoldenBlock.MinTimeMs, GoldenBlock.MinTimeMs + 1_000_000, [Matcher("job", "j1")], Cancellation);
        await database.DeleteSeriesAsync(long.MinValue, long.MaxValue, [Matcher("zone", "z3")], Cancellation);
        var before = database.ReadAll();
        await database.CleanTombstonesAsync(Cancellation);
        var block = database.Blocks.Current.Blocks.Should().ContainSingle().Subject;
        block.Path.Should().NotBe(GoldenBlock.Name);
        block.Tombstones.IsEmpty.Should().BeTrue();
        block.Meta.Stats.Tombstones.Should().Be(0);
        block.Meta.Compaction.Parents.Should().ContainSingle()
            .Which.Id.ToString().Should().Be(GoldenBlock.Name);
        (block.Meta.MinTimeMs, block.Meta.MaxTimeMs).Should().Be((GoldenBlock.MinTimeMs, GoldenBlock.MaxTimeMs));
        _directory.List("").Should().NotContain(GoldenBlock.Name);
        database.ReadAll().ShouldHold(before.Where(entry => entry.Value.Count > 0).ToDictionary());
        await database.CleanTombstonesAsync(Cancellation);
        database.Blocks.Current.Blocks.Should().Equal(block);
        database.GetBlocks().Should().ContainSingle().Which.Id.Should().Be(block.Path);
    }

    [Fact]
    public async Task CleanTombstones_NeedsNoMoreRoom_ThanTheLargestBlock()
    {
        const long HourMs = 3_600_000;
        using var disk = new SimulatedDataDirectory();
        await using var database = await TestDatabase.OpenAsync(disk);
        for (var time = 0L; time < 9 * HourMs; time += 60_000)
        {
            var series = 5 + (10 * (time / (2 * HourMs)));
            await database.AppendAsync(
            [
                .. Enumerable.Range(0, (int)series).Select(i => (
                    TestDatabase.Series("m", ("l", i % 3 == 0 ? "a" : "b"), ("i", $"{i}")),
                    time,
                    Math.Sin(time + i))),
            ]);
        }

        await database.Maintenance!.RunAsync();
        await database.DeleteSeriesAsync(long.MinValue, 30 * 60_000, [], Cancellation);
        for (var hour = 0; hour < 8; hour += 2)
        {
            await database.DeleteSeriesAsync(
                hour * HourMs, (hour * HourMs) + 60_000, [Matcher("l", "a")], Cancellation);
        }

        var sizes = database.Blocks.Current.Blocks.Select(block => SizeOnDisk(disk, block.Path)).ToList();
        database.Blocks.Current.Blocks.Should().OnlyContain(block => !block.Tombstones.IsEmpty);
        sizes.Sum().Should().BeGreaterThan(sizes.Max() * 3 / 2, "there is more to clean than fits at once");
        var before = database.ReadAll();
        var used = disk.CapacityBytes - disk.Space.FreeBytes;

        disk.CapacityBytes = used + (sizes.Min() / 3);
        var clean = () => database.CleanTombstonesAsync(Cancellation);
        await clean.Should().ThrowAsync<DiskFullException>();
        database.ReadAll().ShouldHold(before);

        disk.CapacityBytes = used + sizes.Max();
        await clean();
        database.Blocks.Current.Blocks.Should().HaveCount(sizes.Count);
        database.Blocks.Current.Blocks.Should().OnlyContain(block => block.Tombstones.IsEmpty);
        database.ReadAll().ShouldHold(before);
    }

    // In pages, as a disk counts.
    private static long SizeOnDisk(SimulatedDataDirectory disk, string path)
    {
        const long PageBytes = 4096;
        if (!disk.FileExists(path)) return disk.List(path).Sum(name => SizeOnDisk(disk, $"{path}/{name}"));
        using var file = disk.OpenRead(path);
        return (file.Length + PageBytes - 1) / PageBytes * PageBytes;
    }

    [Fact]
    public async Task CleanTombstones_RemovesABlock_WhenAllOfItIsDeleted()
    {
        const long HourMs = 3_600_000;
        GoldenBlock.CopyTo(_folder.Path);
        await using (var database = await TestDatabase.OpenAsync(_directory))
        {
            for (var hour = 1; hour <= 5; hour++)
                await database.AppendAsync((A, GoldenBlock.MaxTimeMs + (hour * HourMs), hour));
            await database.Maintenance!.RunAsync();
            database.Blocks.Current.Blocks.Should().HaveCount(2);
            await database.DeleteSeriesAsync(long.MinValue, GoldenBlock.MaxTimeMs, [], Cancellation);
            await database.CleanTombstonesAsync(Cancellation);
            database.Blocks.Current.Blocks.Should().ContainSingle();
            _directory.List("").Where(name => Ulid.TryParse(name, out _)).Should().ContainSingle();
            database.ReadAll().Keys.Should().Equal(A);

            // The newest one tells a start what of the log is in blocks.
            await database.DeleteSeriesAsync(long.MinValue, long.MaxValue, [], Cancellation);
            await database.CleanTombstonesAsync(Cancellation);
            await database.Maintenance!.RunAsync();
            database.Blocks.Current.Blocks.Should().ContainSingle();
        }

        await using var reopened = await TestDatabase.OpenAsync(_directory);
        reopened.ReadAll().Values.Should().OnlyContain(samples => samples.Count == 0);
    }

    [Fact]
    public async Task CleanTombstones_WaitsForQueries_BeforeTheOldBlockGoes()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.DeleteSeriesAsync(long.MinValue, long.MaxValue, [Matcher("zone", "z3")], Cancellation);
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        var cleaning = database.CleanTombstonesAsync(Cancellation);
        while (database.Blocks.Current.Blocks[0].Tombstones.IntervalCount > 0) await Task.Yield();
        _directory.List("").Should().Contain(GoldenBlock.Name);
        querier.ReadAll().Values.Sum(samples => samples.Count).Should().Be(
            GoldenBlock.Expected.Sum(series => series.Samples.Length) - 300);
        querier.Dispose();
        await cleaning;
        _directory.List("").Should().NotContain(GoldenBlock.Name);
    }

    private static LabelMatcher Matcher(string name, string value) => new(MatchType.Equal, name, value);

    private static IEnumerable<(long T, double V)> Samples(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(i => (i * 1000L, (double)i));

    private static Dictionary<Labels, List<(long T, double V)>> ReadHeadChunks(Database database)
    {
        using var source = new HeadChunkSource(database.Head, long.MinValue, long.MaxValue);
        return ListChunkSource.ReadAll(source)
            .ToDictionary(series => series.Labels, series => ListChunkSource.Samples(series.Chunks));
    }
}
