using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>Native histograms that come out of order, alone and in turns with floats.</summary>
public sealed class OutOfOrderHistogramTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Now = 486_002 * Hour;

    private static readonly Labels Up = Series("up");

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task Histograms_AreThere_InWhateverOrderTheyCame_AlsoAfterRestartsAndInBlocks()
    {
        var expected = new StoredHistograms();
        for (var round = 0; round < 3; round++)
        {
            await using var database = await OpenAsync();
            expected.Check(database);
            for (var seed = 0; seed < 20; seed++) await SendShuffledAsync(database, expected, seed, round);
            expected.Check(database);
        }

        await using (var database = await OpenAsync())
        {
            expected.Check(database);
            // The head moves on, so that all of it goes to blocks.
            for (var minute = 0; minute <= 600; minute += 10)
            {
                await database.AppendAsync((Up, Now + (minute * Minute), minute));
                expected.Add(Up, Now + (minute * Minute), minute, null);
            }

            await database.Maintenance!.RunAsync();
            expected.Check(database);
            database.Head.OutOfOrder.Series.Should().BeEmpty();
            database.Maintenance!.Metrics.Failed.Should().Be(0);
            database.Maintenance!.Metrics.Vertical.Should().BePositive();
        }

        await using var reopened = await OpenAsync();
        expected.Check(reopened);
    }

    [Fact]
    public async Task FloatsAndHistogramsInTurns_StayWhatTheyAre()
    {
        var expected = new StoredHistograms();
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Up, Now, 1));
            expected.Add(Up, Now, 1, null);
            var random = new Random(3);
            var times = Enumerable.Range(1, 200).Select(i => Now - (i * 7000)).ToArray();
            random.Shuffle(times);
            foreach (var chunk in times.Chunk(17))
            {
                using var appender = database.CreateAppender();
                var series = appender.GetOrAddSeries(Up, []);
                foreach (var t in chunk) Stage(appender, series, expected, t, random.Next(4));
                (await appender.CommitAsync(TestContext.Current.CancellationToken)).Stored.Should().Be(chunk.Length);
            }

            expected.Check(database);
        }

        await using var reopened = await OpenAsync();
        expected.Check(reopened);
        var freeze = await reopened.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
        expected.Check(reopened);
        var chunks = new List<EncodedChunk>();
        using var source = freeze.Open(freeze.Ranges.Should().ContainSingle().Subject);
        source.TryReadNext(out _, chunks).Should().BeTrue();
        chunks.Select(c => c.Encoding).Distinct().Order().Should().Equal(1, 2, 3);
        ListChunkSource.Samples(chunks).Select(s => s.TimeMs).Should().Equal(
            Enumerable.Range(1, 200).Select(i => Now - (i * 7000)).Order());
    }

    [Fact]
    public async Task CommitAsync_JudgesDuplicatesByTheirBits_WhereverTheyAre()
    {
        await using var database = await OpenAsync();
        await AppendAsync(database, Up, (Now, Histogram(1)));
        var late = Enumerable.Range(1, 40).Select(i => (Now - (i * 1000), Histogram(50 - i))).ToArray();
        (await AppendAsync(database, Up, late)).Stored.Should().Be(40);
        (await AppendAsync(database, Up, late)).AlreadyStored.Should().Be(40);
        database.Head.OutOfOrder.Series.Single().Now.ChunkCount.Should().Be(1);

        foreach (var i in new[] { 3, 40 })
        {
            var at = Now - (i * 1000);
            AppendReport[] reports =
            [
                await AppendAsync(database, Up, (at, Histogram(51 - i))),
                await AppendAsync(database, Up, (at, Histogram(50 - i, isInteger: false))),
                await database.AppendAsync((Up, at, 50 - i)),
            ];
            reports.Select(r => r.Rejected.Single()).Should().OnlyContain(
                r => r.Reason == AppendResult.DuplicateTimestamp && r.Existing.Value == 50 - i);
        }

        // Also what the group itself has accepted.
        var between = Now - 500;
        var both = await AppendAsync(
            database, Up, (between, Histogram(1)), (between, Histogram(1)), (between, Histogram(2)));
        (both.Stored, both.AlreadyStored, both.Rejected.Count).Should().Be((1, 1, 1));
        (await database.AppendAsync((Up, between, 1))).Rejected.Single().Reason
            .Should().Be(AppendResult.DuplicateTimestamp);
    }

    [Fact]
    public async Task CommitAsync_SaysWhy_WhenAHistogramIsTooOld_OrThereIsNoWindow()
    {
        await using (var database = await OpenAsync())
        {
            await AppendAsync(database, Up, (Now, Histogram(1)));
            var report = await AppendAsync(database, Up, (Now - (3 * Hour) - 1, Histogram(1)));
            report.Rejected.Should().ContainSingle().Which.Reason.Should().Be(AppendResult.TooOld);
            (await AppendAsync(database, Up, (Now - (3 * Hour), Histogram(1)))).Stored.Should().Be(1);
        }

        await using var without = await TestDatabase.OpenAsync(
            _root.Open(), o => o with { OutOfOrderWindow = TimeSpan.Zero });
        var (a, b) = (Now - 1, Now - (2 * Hour));
        (await AppendAsync(without, Up, (a, Histogram(1)), (b, Histogram(1)))).Rejected.Select(r => r.Reason)
            .Should().Equal(AppendResult.OutOfOrder, AppendResult.OutOfBounds);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CommitAsync_TakesALateStaleMarker_ForOneOfHistograms(bool isInteger)
    {
        await using (var database = await OpenAsync())
        {
            await AppendAsync(database, Up, (Now - 9, Histogram(1, isInteger)), (Now, Histogram(2, isInteger)));
            (await database.AppendAsync((Up, Now - 5, StaleMarker.Value))).Stored.Should().Be(1);
            (await database.AppendAsync((Up, Now - 5, StaleMarker.Value))).AlreadyStored.Should().Be(1);
        }

        await using var again = await OpenAsync();
        var stored = StoredHistograms.Read(again)[Up];
        stored.Select(s => s.T).Should().Equal(Now - 9, Now - 5, Now);
        stored[1].Histogram!.IsInteger.Should().Be(isInteger);
        StaleMarker.Is(stored[1].Histogram!.Sum).Should().BeTrue();
    }

    [Fact]
    public async Task ReadSamples_ForgetsCounterResets_WhereSourcesMeet()
    {
        await using var database = await OpenAsync();
        await AppendAsync(
            database, Up, [.. Enumerable.Range(0, 6).Select(i => (Now + (i * 1000L), Histogram(i + 1)))]);
        var not = Histogram(3).WithHint(CounterResetHint.NotCounterReset);
        await AppendAsync(database, Up, (Now + 1500, not), (Now + 1600, not));

        StoredHistograms.Read(database)[Up].Select(s => (s.T - Now, s.Histogram!.CounterResetHint)).Should().Equal(
            (0, CounterResetHint.Unknown),
            (1000, CounterResetHint.NotCounterReset),
            (1500, CounterResetHint.Unknown),
            (1600, CounterResetHint.Unknown),
            (2000, CounterResetHint.Unknown),
            (3000, CounterResetHint.NotCounterReset),
            (4000, CounterResetHint.NotCounterReset),
            (5000, CounterResetHint.NotCounterReset));
    }

    [Fact]
    public async Task OpenQuerier_NeverSeesLaterCommits_HoweverChunksAreCut()
    {
        await using var database = await OpenAsync();
        await AppendAsync(database, Up, (Now, Histogram(0)));
        var queriers = new List<(IQuerier Querier, int Count)>();
        for (var i = 1; i <= 100; i++)
        {
            await AppendAsync(database, Up, (Now - (i * 1000), Histogram(i)));
            if (i % 7 == 0) queriers.Add((database.OpenQuerier(long.MinValue, long.MaxValue), i + 1));
        }

        foreach (var (querier, count) in queriers)
        {
            querier.ReadAll()[Up].Select(s => s.V).Should().Equal(
                Enumerable.Range(0, count).Reverse().Select(v => (double)v));
            querier.Dispose();
        }
    }

    [Fact]
    public async Task CommitAsync_StoresAllOrNothing_WhenTheLogFindsNoRoom()
    {
        var refused = 0;
        for (var free = 0; free < 600; free += 13)
        {
            using var root = new TemporaryDirectory();
            var disk = new FaultyDataDirectory(root.Open());
            await using (var database = await TestDatabase.OpenAsync(disk))
            {
                await AppendAsync(database, Up, (Now, Histogram(0)));
                (long, NativeHistogram)[] batch = [(Now + 1, Histogram(1)), (Now - 1, Histogram(2))];
                disk.FreeBytes = free;
                try
                {
                    (await AppendAsync(database, Up, batch)).Stored.Should().Be(2);
                }
                catch (StorageUnavailableException)
                {
                    refused++;
                    database.ReadAll()[Up].Should().Equal((Now, 0.0));
                    disk.FreeBytes = long.MaxValue;
                    (await AppendAsync(database, Up, batch)).Stored.Should().Be(2);
                }

                disk.FreeBytes = long.MaxValue;
            }

            await using var reopened = await TestDatabase.OpenAsync(root.Open());
            reopened.ReadAll()[Up].Should().Equal((Now - 1, 2.0), (Now, 0.0), (Now + 1, 1.0));
        }

        refused.Should().BeInRange(5, 46);
    }

    public void Dispose() => _root.Dispose();

    private static void Stage(
        IAppender appender, SeriesRef series, StoredHistograms expected, long t, int kind)
    {
        if (kind == 0)
        {
            appender.Append(series, [new FloatSample(t, t % 1000)]);
            expected.Add(Up, t, t % 1000, null);
        }
        else
        {
            var histogram = Histogram(t % 1000, isInteger: kind == 1, isCustom: kind == 3);
            appender.AppendHistogram(series, t, 0, histogram);
            expected.Add(Up, t, histogram.Sum, histogram);
        }
    }

    // A third of the samples of a sequence each round, in batches; the newest one first, so that most come late.
    private static async Task SendShuffledAsync(Database database, StoredHistograms expected, int seed, int round)
    {
        var labels = Series("h", ("seed", $"{seed}"));
        var sequence = HistogramSequence.Make(seed, 240);
        var shiftMs = Now - sequence[^1].TimestampMs;
        var part = sequence.Where((_, i) => i % 3 == round)
            .Select(s => (s.TimestampMs + shiftMs, s.Histogram)).ToArray();
        new Random(seed + round).Shuffle(part);
        foreach (var batch in part.Chunk(11))
        {
            var report = await AppendAsync(database, labels, batch);
            (report.Stored, report.Rejected.Count).Should().Be((batch.Length, 0));
            foreach (var (t, h) in batch) expected.Add(labels, t, h.Sum, h);
        }
    }

    private static async Task<AppendReport> AppendAsync(
        Database database, Labels labels, params (long T, NativeHistogram H)[] samples)
    {
        using var appender = database.CreateAppender();
        var series = appender.GetOrAddSeries(labels, []);
        foreach (var (t, h) in samples) appender.AppendHistogram(series, t, 0, h);
        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    private Task<Database> OpenAsync() => TestDatabase.OpenAsync(_root.Open());
}
