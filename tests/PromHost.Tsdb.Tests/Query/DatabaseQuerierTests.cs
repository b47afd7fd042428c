using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public sealed class DatabaseQuerierTests : IDisposable
{
    private const long HourMs = 3_600_000;
    private static readonly string[] Names = ["__name__", "i", "odd"];

    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;

    public DatabaseQuerierTests() => _directory = _folder.Open();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Select_JoinsHeadAndBlocks_AsIfTheyWereOne()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(_directory);
        var known = GoldenBlock.Expected[0].Labels;
        var fresh = TestDatabase.Series("fresh");
        await database.AppendAsync(
            (known, GoldenBlock.MaxTimeMs, 1),
            (known, GoldenBlock.MaxTimeMs + 5, 2),
            (fresh, GoldenBlock.MaxTimeMs, 3));
        var expected = GoldenBlock.Expected.ToDictionary(series => series.Labels, series => series.Samples.ToList());
        expected[known].AddRange([(GoldenBlock.MaxTimeMs, 1), (GoldenBlock.MaxTimeMs + 5, 2)]);
        expected[fresh] = [(GoldenBlock.MaxTimeMs, 3)];

        database.ReadAll().ShouldHold(expected);
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        using var set = querier.Select(new SelectHints(long.MinValue, long.MaxValue, SortedByLabels: true), []);
        LabelsOf(set).Should().Equal(expected.Keys.Order());
        querier.LabelNames([]).Should().Equal("__name__", "code", "instance", "job", "place", "zone");
        querier.LabelValues("__name__", []).Should().Equal("fresh", "requests_total", "temperature", "up");
        querier.LabelValues("__name__", [], limit: 2).Should().Equal("fresh", "requests_total");
        querier.LabelValues("zone", [new LabelMatcher(MatchType.Equal, "place", "Zürich")]).Should().Equal("z2");
        querier.LabelNames([new LabelMatcher(MatchType.RegexMatch, "__name__", "fresh|temperature")])
            .Should().Equal("__name__", "place", "zone");
    }

    [Fact]
    public async Task Select_AsksForTheMemoryOfItsLists()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.AppendAsync([.. Enumerable.Range(0, 1000).Select(
            i => (TestDatabase.Series("f", ("i", $"{i}")), GoldenBlock.MaxTimeMs, 1.0))]);
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);

        Held(GoldenBlock.MaxTimeMs, new LabelMatcher(MatchType.Equal, "__name__", "f"))
            .Should().BeInRange(1000 * 4, 1000 * 5, "the head's list is all there is");
        // Joined with what the block has, which is next to nothing.
        Held(GoldenBlock.MinTimeMs, new LabelMatcher(MatchType.Equal, "__name__", "f"))
            .Should().BeInRange(1000 * 60, 1000 * 100);
        Held(GoldenBlock.MinTimeMs, new LabelMatcher(MatchType.RegexMatch, "__name__", "up|f"))
            .Should().BeInRange(1000 * 60, 1000 * 100);
        var refusing = new ReadWatch(TestContext.Current.CancellationToken, _ => throw new TimeoutException());
        var refused = () => querier.Select(new SelectHints(long.MinValue, long.MaxValue) { Watch = refusing }, []);
        refused.Should().Throw<TimeoutException>();

        long Held(long minTimeMs, LabelMatcher matcher)
        {
            var held = 0L;
            var hints = new SelectHints(minTimeMs, long.MaxValue)
            {
                Watch = new ReadWatch(TestContext.Current.CancellationToken, bytes => held += bytes),
            };
            using var set = querier.Select(hints, [matcher]);
            set.ReadNext(new SeriesEntry[1]).Should().Be(1);
            return held;
        }
    }

    [Fact]
    public async Task Select_ReadsOnlyWhatOverlaps()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(_directory);
        await database.AppendAsync((TestDatabase.Series("fresh"), GoldenBlock.MaxTimeMs + 100, 3));
        database.ReadAll(GoldenBlock.MaxTimeMs, GoldenBlock.MaxTimeMs + 200).Should().ContainSingle();
        database.ReadAll(GoldenBlock.MinTimeMs - 100, GoldenBlock.MinTimeMs - 1).Should().BeEmpty();
        var (from, to) = (GoldenBlock.MinTimeMs + 200_000, GoldenBlock.MinTimeMs + 400_000);
        WithoutEmpty(database.ReadAll(from, to)).ShouldHold(GoldenBlock.Expected
            .Select(series => (series.Labels, Samples: series.Samples.Where(s => s.T >= from && s.T <= to).ToList()))
            .Where(series => series.Samples.Count > 0)
            .ToDictionary(series => series.Labels, series => series.Samples));
    }

    [Fact]
    public async Task Append_IsRefused_WhereBlocksHoldTheSamples()
    {
        GoldenBlock.CopyTo(_folder.Path);
        await using var database = await TestDatabase.OpenAsync(
            _directory, options => options with { OutOfOrderWindow = TimeSpan.Zero });
        var report = await database.AppendAsync((TestDatabase.Series("late"), GoldenBlock.MaxTimeMs - 1, 1));
        report.Rejected.Should().ContainSingle().Which.Reason.Should().Be(AppendResult.OutOfBounds);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Select_AgreesWithAModel_ForRandomBlocksThatOverlapAndDeletions(int seed)
    {
        var random = new Random(seed);
        var series = Enumerable.Range(0, 30)
            .Select(i => TestDatabase.Series($"m{i % 5}", ("i", $"{i}"), ("odd", i % 2 == 1 ? "yes" : ""))).ToArray();
        var model = new Dictionary<Labels, SortedDictionary<long, double>>();
        for (var i = 0; i < 6; i++) WriteBlock(random, series, model, i);
        await using var database = await TestDatabase.OpenAsync(_directory);
        database.Blocks.Current.Blocks.Should().HaveCount(6);
        DeleteSome(random, database, model);
        await AppendSome(random, database, series, model);

        for (var round = 0; round < 40; round++)
        {
            var min = random.Next(-1, 8) * HourMs;
            var max = min + random.NextInt64(8 * HourMs);
            var matchers = NextMatchers(random);
            var expected = model
                .Where(entry => matchers.All(m => m.Matches(entry.Key.Get(m.NameUtf8.Span))))
                .Select(entry => (entry.Key, Samples: entry.Value.Where(s => s.Key >= min && s.Key <= max)
                    .Select(s => (s.Key, s.Value)).ToList()))
                .Where(entry => entry.Samples.Count > 0)
                .ToDictionary(entry => entry.Key, entry => entry.Samples);
            using var querier = database.OpenQuerier(min, max);
            WithoutEmpty(querier.ReadAll(matchers, min, max)).ShouldHold(expected);
            CheckSortedAndLatest(querier, matchers, min, max, expected);
        }
    }

    [Fact]
    public async Task Select_NamesBlockAndFile_WhenTheyAreDamaged()
    {
        GoldenBlock.CopyTo(_folder.Path);
        var path = _folder.PathOf($"{GoldenBlock.Name}/chunks/000001");
        var bytes = File.ReadAllBytes(path);
        for (var i = 100; i < bytes.Length; i += 10) bytes[i] ^= 0xFF;
        File.WriteAllBytes(path, bytes);
        await using var database = await TestDatabase.OpenAsync(_directory);
        var read = () => database.ReadAll();
        read.Should().Throw<StorageReadException>()
            .WithMessage($"series {{*block {GoldenBlock.Name} is damaged: {GoldenBlock.Name}/chunks/000001: offset *");
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        querier.LabelValues("__name__", []).Should().HaveCount(3);
    }

    [Fact]
    public async Task Publish_NeverShowsAHoleOrASampleTwice_WhileQueriesRun()
    {
        var labels = TestDatabase.Series("m");
        await using var database = await TestDatabase.OpenAsync(_directory);
        var samples = Enumerable.Range(0, 2000).Select(i => (labels, i * 1000L, (double)i)).ToArray();
        await database.AppendAsync(samples);
        var stop = false;
        var counts = new List<int>();
        var reads = 0;
        var cancellation = TestContext.Current.CancellationToken;
        var reading = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    counts.Add(database.ReadAll()[labels].Count);
                    Interlocked.Increment(ref reads);
                }
            },
            cancellation);
        var previous = new List<Block>();
        for (var cut = 100; cut <= 1000; cut += 100)
        {
            // As a compaction of the head: all of it before the cut goes to one block.
            var added = WriteHeadBlock(database, cut * 1000L);
            await database.Blocks.PublishAsync([added], previous, cut * 1000L);
            previous = [added];
            for (var seen = Volatile.Read(ref reads); Volatile.Read(ref reads) < seen + 2;) await Task.Yield();
        }

        Volatile.Write(ref stop, true);
        await reading;
        counts.Should().OnlyContain(count => count == 2000);
        database.Blocks.Current.Blocks.Should().ContainSingle();
    }

    private static List<LabelMatcher> NextMatchers(Random random) => random.Next(4) switch
    {
        0 => [],
        1 => [new LabelMatcher(MatchType.RegexMatch, "__name__", "m[0-2]")],
        2 => [new LabelMatcher(MatchType.Equal, "odd", "yes"), new LabelMatcher(MatchType.NotEqual, "i", "3")],
        _ => [new LabelMatcher(MatchType.RegexMatch, "i", "1|2|.*5")],
    };

    private static Dictionary<Labels, List<(long T, double V)>> WithoutEmpty(
        Dictionary<Labels, List<(long T, double V)>> series) =>
        series.Where(entry => entry.Value.Count > 0).ToDictionary(entry => entry.Key, entry => entry.Value);

    private static List<Labels> LabelsOf(SeriesSet set)
    {
        var labels = new List<Labels>();
        var batch = new SeriesEntry[5];
        int count;
        while ((count = set.ReadNext(batch)) > 0) labels.AddRange(batch[..count].Select(entry => entry.Labels));
        return labels;
    }

    private static void CheckSortedAndLatest(
        IQuerier querier,
        List<LabelMatcher> matchers,
        long min,
        long max,
        Dictionary<Labels, List<(long T, double V)>> expected)
    {
        using var set = querier.Select(new SelectHints(min, max, SortedByLabels: true), matchers);
        var batch = new SeriesEntry[3];
        var columns = new SampleColumns();
        var seen = new List<Labels>();
        int count;
        while ((count = set.ReadNext(batch)) > 0)
        {
            foreach (var entry in batch[..count])
            {
                seen.Add(entry.Labels);
                columns.Clear();
                set.ReadSamples(entry, min, max, columns);
                var samples = expected.GetValueOrDefault(entry.Labels, []);
                columns.TimestampsMs.ToArray().Zip(columns.Values.ToArray()).Should().Equal(samples);
                var answer = set.TryReadLatest(entry, min, max, out var latest);
                if (answer == LatestSample.None) samples.Should().BeEmpty();
                if (answer == LatestSample.Found) (latest.TimestampMs, latest.Value).Should().Be(samples[^1]);
            }
        }

        seen.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        expected.Keys.Except(seen).Should().BeEmpty();
    }

    private Block WriteHeadBlock(Database database, long maxTimeMs)
    {
        using var source = new HeadChunkSource(database.Head, 0, maxTimeMs);
        var options = new BlockWriteOptions { MinTimeMs = 0, MaxTimeMs = maxTimeMs };
        var meta = new BlockWriter(_directory, TimeProvider.System, Random.Shared).Write(source, options, default)!;
        return database.Blocks.Open(meta.Id.ToString());
    }

    // Samples that two blocks have are equal, as when a block was restored from a copy.
    private void WriteBlock(
        Random random, Labels[] series, Dictionary<Labels, SortedDictionary<long, double>> model, int number)
    {
        var min = (number * HourMs) - (random.Next(2) * HourMs / 2);
        var max = min + HourMs + (random.Next(2) * HourMs);
        var source = new List<(Labels, List<EncodedChunk>)>();
        foreach (var labels in series.Where(_ => random.Next(4) > 0))
        {
            var samples = Enumerable.Range(0, random.Next(1, 300)).Select(_ => min + random.NextInt64(max - min))
                .Select(t => t / 10_000 * 10_000).Where(t => t >= min).Distinct().Order()
                .Select(t => new FloatSample(t, t / 1000.0)).ToList();
            if (samples.Count == 0) continue;
            source.Add((labels, ListedSeries.Chunks(samples, random.Next(1, 121))));
            if (!model.TryGetValue(labels, out var stored)) model[labels] = stored = [];
            foreach (var sample in samples) stored[sample.TimestampMs] = sample.Value;
        }

        using var listed = new ListedSeries(source);
        new BlockWriter(_directory, TimeProvider.System, random).Write(
            listed, new BlockWriteOptions { MinTimeMs = min, MaxTimeMs = max }, default).Should().NotBeNull();
    }

    private static void DeleteSome(
        Random random, Database database, Dictionary<Labels, SortedDictionary<long, double>> model)
    {
        foreach (var block in database.Blocks.Current.Blocks) block.Replace(Tombstones.None);
        foreach (var labels in model.Keys.Where(_ => random.Next(3) == 0).ToList())
        {
            var min = random.NextInt64(6 * HourMs);
            var interval = new TimeInterval(min, min + random.NextInt64(2 * HourMs));
            foreach (var block in database.Blocks.Current.Blocks)
            {
                var builder = new TombstonesBuilder(block.Tombstones);
                foreach (var series in BlockMatcherPostings.Find(block.Index, MatchersOf(labels)))
                    builder.Add(series, interval);
                block.Replace(builder.Build());
            }

            foreach (var t in model[labels].Keys.Where(interval.Contains).ToList()) model[labels].Remove(t);
        }
    }

    private static List<LabelMatcher> MatchersOf(Labels labels) =>
        [.. Names.Select(
            name => new LabelMatcher(MatchType.Equal, name, labels.GetString(name) ?? ""))];

    private static async Task AppendSome(
        Random random,
        Database database,
        Labels[] series,
        Dictionary<Labels, SortedDictionary<long, double>> model)
    {
        var start = database.Blocks.Current.HeadMinTimeMs;
        for (var t = start; t < start + HourMs; t += 60_000)
        {
            foreach (var labels in series.Where(_ => random.Next(10) == 0))
            {
                (await database.AppendAsync((labels, t, random.Next(100)))).Rejected.Should().BeEmpty();
                using var querier = database.OpenQuerier(t, t);
                if (!model.TryGetValue(labels, out var stored)) model[labels] = stored = [];
                stored[t] = querier.ReadAll(MatchersOf(labels), t, t)[labels][0].V;
            }
        }
    }
}
