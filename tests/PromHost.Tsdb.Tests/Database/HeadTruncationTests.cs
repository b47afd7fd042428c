using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class HeadTruncationTests : IDisposable
{
    private const long RangeMs = 7_200_000;

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task TruncateHeadAsync_KeepsWhatIsNotBefore_AndRemovesSeriesWithoutSamples()
    {
        await using var database = await OpenAsync();
        var random = new Random(1);
        var expected = await FillAsync(database, random, series: 100, blocks: 4);
        for (var block = 1; block <= 4; block++)
        {
            var border = block * RangeMs;
            await database.TruncateHeadAsync(border, TestContext.Current.CancellationToken);
            foreach (var labels in expected.Keys.ToList())
            {
                expected[labels].RemoveAll(sample => sample.T < border);
                if (expected[labels].Count == 0) expected.Remove(labels);
            }

            database.ReadAll(border).ShouldHold(expected);
            database.Head.Table.LivingCount.Should().Be(expected.Count);
            database.GetHeadStatus().MinTimeMs.Should().BeGreaterThanOrEqualTo(border);
            using var querier = database.OpenQuerier(border, long.MaxValue);
            querier.LabelValues("i", []).Should().Equal(
                expected.Keys.Select(l => TextOf(l, "i")).Order(StringComparer.Ordinal));
        }

        database.Head.Index.PairCount.Should().Be(0);
        database.GetHeadStatus().ChunkCount.Should().Be(0);
        database.Head.Store.MappedBytes.Should().Be(0);
    }

    [Fact]
    public async Task TruncateHeadAsync_RefusesOlderSamplesFromThenOn()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((TestDatabase.Series("a"), RangeMs, 1));
        await database.TruncateHeadAsync(RangeMs, TestContext.Current.CancellationToken);
        var report = await database.AppendAsync(
            (TestDatabase.Series("new"), RangeMs - 1, 1), (TestDatabase.Series("a"), RangeMs - 2, 1));
        report.Stored.Should().Be(0);
        report.Rejected.Select(r => r.Reason).Should().Equal(AppendResult.OutOfBounds, AppendResult.OutOfBounds);
        (await database.AppendAsync((TestDatabase.Series("new"), RangeMs, 1))).Stored.Should().Be(1);
    }

    [Fact]
    public async Task CommitAsync_FindsOrCreatesTheSeriesAgain_WhenItWasRemovedMeanwhile()
    {
        await using var database = await OpenAsync();
        var gone = TestDatabase.Series("gone", ("only", "here"));
        var back = TestDatabase.Series("back");
        var fresh = TestDatabase.Series("fresh");
        await database.AppendAsync((gone, 1, 1), (back, 1, 1));
        using var appender = database.CreateAppender();
        appender.TryGetSeries([1], out _).Should().BeFalse();
        var series = new[] { gone, back, fresh }.Select(labels => appender.GetOrAddSeries(labels, [])).ToList();
        var refBefore = database.Head.Table.LastWalRef;

        // It waits for no batch, only for the files until those have left who may read them.
        var truncation = database.TruncateHeadAsync(RangeMs, TestContext.Current.CancellationToken);
        await database.AppendAsync((TestDatabase.Series("other"), RangeMs + 1, 1));
        while (database.Head.Table.RemovedCount < 3)
            await database.AppendAsync((TestDatabase.Series("other"), RangeMs + 1, 1));
        await database.AppendAsync((back, RangeMs + 1, 5));
        truncation.IsCompleted.Should().BeFalse();
        foreach (var one in series) appender.Append(one, [new(RangeMs + 2, 7), new(RangeMs + 3, 8)]);
        appender.AppendExemplar(series[0], new Exemplar(Labels.FromPairs(("trace", "x")), 1, RangeMs + 2));
        (await appender.CommitAsync(TestContext.Current.CancellationToken)).Stored.Should().Be(6);
        appender.Dispose();
        await truncation;

        var read = database.ReadAll(RangeMs);
        read[gone].Should().Equal((RangeMs + 2, 7.0), (RangeMs + 3, 8.0));
        read[fresh].Should().Equal((RangeMs + 2, 7.0), (RangeMs + 3, 8.0));
        read[back].Should().Equal((RangeMs + 1, 5.0), (RangeMs + 2, 7.0), (RangeMs + 3, 8.0));
        database.Head.Table.LastWalRef.Should().BeGreaterThan(refBefore);
        database.Head.Table.LivingCount.Should().Be(4);
    }

    [Fact]
    public async Task TruncateHeadAsync_DeletesChunkFilesOnlyWhenNobodyReadsThem()
    {
        const long Border = 2100 * 5000;
        var old = TestDatabase.Series("old");
        await using (var earlier = await OpenAsync())
        {
            for (var i = 0; i < 2000; i++) await earlier.AppendAsync((old, i * 5000, i));
        }

        // Each start begins a chunk file.
        await using var database = await OpenAsync();
        for (var i = 2000; i < 4000; i++) await database.AppendAsync((old, i * 5000, i));
        var before = ChunkFiles();
        before.Should().HaveCount(2);

        var querier = database.OpenQuerier(0, long.MaxValue);
        var first = querier.ReadAll();
        var truncation = database.TruncateHeadAsync(Border, TestContext.Current.CancellationToken);
        while (database.Head.Appender.ChunksRemoved == 0) await database.AppendAsync((old, 1, 1));
        truncation.IsCompleted.Should().BeFalse();
        ChunkFiles().Should().Equal(before);
        first[old].Should().HaveCount(4000);
        querier.Dispose();
        await truncation;
        ChunkFiles().Should().Equal(before[1]);
        database.ReadAll(Border)[old].Should().HaveCount(1900);
    }

    [Fact]
    public async Task RunAsync_KeepsChunkFilesThatWereBegunMeanwhile()
    {
        var head = new Head(RangeMs);
        using var files = HeadChunkFiles.Open(_root.Open(), maxFileBytes: 4096);
        files.ForEach((_, in _, _) => { });
        head.FullChunks.Files = files;
        var series = head.Table.GetOrAdd(TestDatabase.Series("a"), []);
        for (var i = 0; i < 10; i++) head.Appender.Append(series, i * 5000, i);
        var jobs = 0;
        await HeadTruncation.RunAsync(head, 0, OnCommitter, TestContext.Current.CancellationToken);

        files.FileNumbers.Last.Should().BeGreaterThan(3);
        using var querier = new HeadQuerier(head, long.MinValue, long.MaxValue);
        querier.ReadAll().Should().ContainSingle().Which.Value.Should().HaveCount(5000);

        // The series was looked at when it had no chunk; now it gets some.
        Task OnCommitter(Action job)
        {
            job();
            if (++jobs != 2) return Task.CompletedTask;
            for (var i = 10; i < 5000; i++) head.Appender.Append(series, i * 5000, Math.Sin(i));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task ReplayAsync_NeverUsesARefAgain_WhenTheSeriesAndTheLogThatHadItAreGone()
    {
        ulong last;
        await using (var database = await OpenAsync())
        {
            for (var i = 0; i < 50; i++)
                await database.AppendAsync((TestDatabase.Series($"m{i}"), i, i));
            await database.TruncateHeadAsync(RangeMs, TestContext.Current.CancellationToken);
            last = database.Head.Table.LastWalRef;
        }

        Directory.Delete(_root.PathOf("wal"), recursive: true);
        Directory.Delete(_root.PathOf("chunks_head"), recursive: true);
        await using var reopened = await OpenAsync();
        await reopened.AppendAsync((TestDatabase.Series("new"), RangeMs * 2, 1));
        reopened.Head.Table.LastWalRef.Should().Be(last + 1);
    }

    [Fact]
    public async Task ReplayAsync_GoesOn_WhenTheLastRefIsDamaged()
    {
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((TestDatabase.Series("a"), 1, 1));
            await database.TruncateHeadAsync(RangeMs, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(
            _root.PathOf("promhost/last-series-ref"), "77 00000000\n", TestContext.Current.CancellationToken);
        await using var reopened = await OpenAsync();
        reopened.Head.Table.LastWalRef.Should().Be(1);
    }

    public void Dispose() => _root.Dispose();

    private static string TextOf(Labels labels, string name) =>
        System.Text.Encoding.UTF8.GetString(labels.Get(System.Text.Encoding.UTF8.GetBytes(name)));

    private Task<Database> OpenAsync() =>
        TestDatabase.OpenAsync(_root.Open(), o => o with { OutOfOrderWindow = TimeSpan.Zero });

    private List<string> ChunkFiles() =>
        [.. Directory.EnumerateFiles(_root.PathOf("chunks_head")).Order(StringComparer.Ordinal)];

    // Series begin and end at different times.
    private static async Task<Dictionary<Labels, List<(long T, double V)>>> FillAsync(
        Database database, Random random, int series, int blocks)
    {
        var end = blocks * RangeMs;
        var all = Enumerable.Range(0, series).Select(i => (
            Labels: TestDatabase.Series(
                $"m{random.Next(5)}", ("i", i.ToString(CultureInfo.InvariantCulture)), ($"n{i % 7}", "v")),
            From: random.NextInt64(end),
            Until: random.NextInt64(end))).ToList();
        var expected = new Dictionary<Labels, List<(long T, double V)>>();
        for (var t = 0L; t < end; t += 30_000)
        {
            var batch = all.Where(s => s.From <= t && t <= s.Until)
                .Select(s => (s.Labels, T: t, V: random.NextDouble())).ToArray();
            if (batch.Length > 0) (await database.AppendAsync(batch)).Stored.Should().Be(batch.Length);
            foreach (var (labels, time, v) in batch)
            {
                if (!expected.TryGetValue(labels, out var list)) expected[labels] = list = [];
                list.Add((time, v));
            }
        }

        return expected;
    }
}
