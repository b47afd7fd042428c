using System.Globalization;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>Samples that come out of order: which are taken, and what is there of them later.</summary>
public sealed class OutOfOrderTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Start = 1_600_000_000_000 / (2 * Hour) * (2 * Hour);

    private static readonly Labels Fast = Series("m", ("agent", "fast"));
    private static readonly Labels Slow = Series("m", ("agent", "slow"));
    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task CommitAsync_TakesBothBacklogs_WhenOneAgentCatchesUpFirst()
    {
        var expected = new Dictionary<Labels, List<(long, double)>> { [Fast] = [], [Slow] = [] };
        await using (var database = await OpenAsync())
        {
            // Both agents report every 15 s; then the server is away for two hours.
            for (var t = Start; t < Start + (10 * Minute); t += 15_000)
                await SendAsync(database, expected, (Fast, t), (Slow, t));
            var back = Start + (10 * Minute) + (2 * Hour);
            for (var t = Start + (10 * Minute); t < back; t += 15_000) await SendAsync(database, expected, (Fast, t));
            for (var t = Start + (10 * Minute); t < back; t += 15_000) await SendAsync(database, expected, (Slow, t));
            for (var t = back; t < back + (5 * Minute); t += 15_000)
                await SendAsync(database, expected, (Fast, t), (Slow, t));
            database.ReadAll().ShouldHold(expected);
            database.Counters!.OutOfOrderAppended.Should().BeInRange(200, 480, "the rest was within the last hour");
        }

        await using var reopened = await OpenAsync();
        reopened.ReadAll().ShouldHold(expected);
    }

    [Fact]
    public async Task CommitAsync_SaysWhy_WhenASampleIsTooOld()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Fast, Start, 1));
        var report = await database.AppendAsync(
            (Slow, Start - (3 * Hour), 1),
            (Slow, Start - (3 * Hour) - 1, 1),
            (Fast, Start - Hour, 1),
            (Fast, Start, 1));

        report.Stored.Should().Be(2);
        report.AlreadyStored.Should().Be(1);
        report.Rejected.Should().Equal(
            new RejectedSample(Slow, new(Start - (3 * Hour) - 1, 1), AppendResult.TooOld, default));
    }

    [Fact]
    public async Task CommitAsync_TakesNothingBehindHalfABlock_WithoutAWindow()
    {
        await using var database = await OpenAsync(TimeSpan.Zero);
        await database.AppendAsync((Fast, Start, 1));
        var report = await database.AppendAsync(
            (Slow, Start - Hour - 1, 1), (Slow, Start - Hour, 2), (Slow, Start - Hour - 1, 1), (Fast, Start - 1, 1));

        report.Stored.Should().Be(1);
        report.Rejected.Select(r => (r.Reason, r.Existing.TimestampMs)).Should().Equal(
            (AppendResult.OutOfBounds, 0), (AppendResult.OutOfBounds, Start - Hour), (AppendResult.OutOfOrder, Start));
        Directory.Exists(_root.PathOf("wbl")).Should().BeFalse();
    }

    [Fact]
    public async Task CommitAsync_GoesByTheHeadBeforeTheBatch()
    {
        await using var database = await OpenAsync(TimeSpan.FromMinutes(10));
        // The first sample of an empty head counts as its newest; later ones of the batch move nothing.
        var report = await database.AppendAsync((Fast, Start, 1), (Fast, Start + (9 * Hour), 1), (Slow, Start, 1));
        report.Rejected.Should().BeEmpty();
        report = await database.AppendAsync((Slow, Start + 1, 1));
        report.Rejected.Should().ContainSingle().Which.Reason.Should().Be(AppendResult.TooOld);
    }

    [Fact]
    public async Task CommitAsync_KnowsStoredSamples_WhereverTheyAre()
    {
        await using var database = await OpenAsync();
        for (var i = 0; i < 200; i++) await database.AppendAsync((Fast, Start + (i * 1000), i));
        for (var i = 0; i < 40; i++) await database.AppendAsync((Fast, Start - Hour + (i * 1000), i));
        foreach (var (t, v) in new[] { (Start + 5000, 5.0), (Start - Hour + 5000, 5), (Start - Hour + 39_000, 39) })
        {
            var report = await database.AppendAsync((Fast, t, v), (Fast, t, v + 1), (Fast, t, v));
            report.AlreadyStored.Should().Be(2);
            report.Rejected.Should().Equal(
                new RejectedSample(Fast, new(t, v + 1), AppendResult.DuplicateTimestamp, new(t, v)));
        }

        // Also what the group itself has accepted.
        var between = Start - Hour + 500;
        var both = await database.AppendAsync((Fast, between, 1), (Fast, between, 1), (Fast, between, 2));
        both.Stored.Should().Be(1);
        both.AlreadyStored.Should().Be(1);
        both.Rejected.Should().Equal(
            new RejectedSample(Fast, new(between, 2), AppendResult.DuplicateTimestamp, new(between, 1)));
    }

    [Fact]
    public async Task CommitAsync_TakesTenThousandSamplesOfOneSeriesAtOnce()
    {
        var random = new Random(5);
        var times = Enumerable.Range(0, 10_000).Select(i => Start - (2 * Hour) + (i * 100)).ToArray();
        random.Shuffle(times);
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Fast, Start, 0));
            var report = await database.AppendAsync([.. times.Select(t => (Fast, t, (double)(t % 1000)))]);
            report.Stored.Should().Be(times.Length);
        }

        await using var reopened = await OpenAsync();
        reopened.ReadAll()[Fast].Should().Equal(
            [.. times.Order().Select(t => (t, (double)(t % 1000))), (Start, 0)]);
    }

    [Fact]
    public async Task OpenQuerier_NeverSeesLaterCommits_HoweverChunksAreCut()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Fast, Start, 0));
        var queriers = new List<(IQuerier Querier, int Count)>();
        for (var i = 1; i <= 100; i++)
        {
            await database.AppendAsync((Fast, Start - (i * 1000), i));
            if (i % 7 == 0) queriers.Add((database.OpenQuerier(long.MinValue, long.MaxValue), i + 1));
        }

        foreach (var (querier, count) in queriers)
        {
            querier.ReadAll()[Fast].Select(s => s.V).Should().Equal(
                Enumerable.Range(0, count).Reverse().Select(v => (double)v));
            querier.Dispose();
        }
    }

    [Fact]
    public async Task OpenQuerier_FindsASeriesThatHasOnlySuchSamples()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Fast, Start, 1));
        await database.AppendAsync((Slow, Start - (2 * Hour), 2));
        using var querier = database.OpenQuerier(Start - (3 * Hour), Start - Hour);
        querier.LabelValues("agent", []).Should().Equal("fast", "slow");
        querier.LabelNames([new LabelMatcher(PromHost.Model.MatchType.Equal, "agent", "slow")])
            .Should().Equal("__name__", "agent");
        querier.ReadAll(null, Start - (3 * Hour), Start - Hour).Should().ContainSingle()
            .Which.Value.Should().Equal((Start - (2 * Hour), 2.0));

        using var set = querier.Select(new SelectHints(Start - (3 * Hour), Start - Hour), []);
        var entries = new SeriesEntry[2];
        set.ReadNext(entries).Should().Be(1);
        set.TryReadLatest(entries[0], Start - (3 * Hour), Start - Hour, out _).Should().Be(LatestSample.Unknown);
    }

    [Fact]
    public async Task TryReadLatest_FindsNoSampleInOrder_ThatIsReadFromABlock()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Fast, Start, 1));
        await database.AppendAsync((Fast, Start - 5000, 2));
        using var querier = new HeadQuerier(database.Head, 0, Start + 9, inOrderFromMs: Start + 1);
        using var set = querier.Select(new SelectHints(0, Start + 9), []);
        var entries = new SeriesEntry[2];
        set.ReadNext(entries).Should().Be(1);
        set.TryReadLatest(entries[0], 0, Start + 9, out _).Should().Be(LatestSample.Unknown);
        var columns = new SampleColumns();
        set.ReadSamples(entries[0], 0, Start + 9, columns);
        columns.TimestampsMs.ToArray().Should().Equal(Start - 5000);
    }

    [Fact]
    public async Task ReplayAsync_KeepsTheLog_WithoutAWindow()
    {
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Fast, Start, 1));
            for (var i = 1; i <= 50; i++) await database.AppendAsync((Fast, Start - (i * 1000), i));
        }

        for (var round = 0; round < 2; round++)
        {
            await using var without = await OpenAsync(TimeSpan.Zero);
            without.ReadAll()[Fast].Should().HaveCount(51);
            (await without.AppendAsync((Fast, Start - 1, 1))).Rejected.Should().ContainSingle();
        }
    }

    [Fact]
    public async Task ReplayAsync_FindsAllSamples_WhenTheChunksAreLost()
    {
        var expected = new Dictionary<Labels, List<(long, double)>> { [Fast] = [], [Slow] = [] };
        for (var round = 0; round < 3; round++)
        {
            await using (var database = await OpenAsync())
            {
                if (round == 0) await SendAsync(database, expected, (Fast, Start));
                for (var i = 0; i < 100; i++)
                    await SendAsync(database, expected, (Slow, Start - (2 * Hour) + (i * 5000) + round));
            }

            foreach (var file in Directory.GetFiles(_root.PathOf("chunks_head"))) File.Delete(file);
            await using var reopened = await OpenAsync();
            reopened.ReadAll().ShouldHold(
                expected.ToDictionary(s => s.Key, s => s.Value.OrderBy(v => v.Item1).ToList()));
        }
    }

    [Fact]
    public async Task ReplayAsync_DoesNotMakeChunksAnew_WhenNothingCame()
    {
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Fast, Start, 1));
            for (var i = 1; i <= 500; i++) await database.AppendAsync((Fast, Start - (i * 1000), i));
        }

        var size = SizeOf("chunks_head");
        for (var round = 0; round < 3; round++)
        {
            await using var database = await OpenAsync();
            database.ReadAll()[Fast].Should().HaveCount(501);
        }

        SizeOf("chunks_head").Should().Be(size);
    }

    public void Dispose() => _root.Dispose();

    private static async Task SendAsync(
        Database database, Dictionary<Labels, List<(long, double)>> expected, params (Labels Labels, long T)[] samples)
    {
        foreach (var (labels, t) in samples) expected[labels].Add((t, t / 1000 % 1000));
        var report = await database.AppendAsync([.. samples.Select(s => (s.Labels, s.T, (double)(s.T / 1000 % 1000)))]);
        report.Stored.Should().Be(samples.Length, string.Create(CultureInfo.InvariantCulture, $"{samples[0]}"));
    }

    private long SizeOf(string folder) => new DirectoryInfo(_root.PathOf(folder)).GetFiles().Sum(f => f.Length);

    private Task<Database> OpenAsync(TimeSpan? window = null) => TestDatabase.OpenAsync(
        _root.Open(), o => window is { } some ? o with { OutOfOrderWindow = some } : o);
}
