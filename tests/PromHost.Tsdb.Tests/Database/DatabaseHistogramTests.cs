using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class DatabaseHistogramTests : IDisposable
{
    private const long Start = 1_700_000_000_000;

    private static readonly Labels Up = TestDatabase.Series("up");

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task Histograms_AreThere_AlsoAfterEveryRestart()
    {
        var expected = new Dictionary<Labels, List<(long, NativeHistogram)>>();
        var directory = _root.Open();
        for (var start = 0; start < 4; start++)
        {
            await using var database = await TestDatabase.OpenAsync(directory);
            Check(database, expected);
            for (var seed = 0; seed < 12; seed++)
            {
                var labels = TestDatabase.Series("h", ("seed", $"{seed}"));
                var samples = HistogramSequence.Make(seed, 240).Skip(start * 60).Take(60).ToList();
                (await AppendAsync(database, samples.Select(sample => (labels, sample)))).Stored.Should().Be(60);
                if (!expected.TryGetValue(labels, out var list)) expected[labels] = list = [];
                list.AddRange(samples);
            }

            Check(database, expected);
        }
    }

    [Fact]
    public async Task CommitAsync_TakesFloatsAndHistogramsInTurns_InTheOrderTheyCame()
    {
        var directory = _root.Open();
        List<(long T, double V)> expected = [];
        await using (var database = await TestDatabase.OpenAsync(directory))
        {
            using var appender = database.CreateAppender();
            var series = appender.GetOrAddSeries(Up, []);
            var other = appender.GetOrAddSeries(TestDatabase.Series("other"), []);
            for (var i = 0; i < 40; i++)
            {
                appender.Append(other, [new FloatSample(Start + i, i)]);
                if (i % 4 == 0) appender.Append(series, [new FloatSample(Start + i, i)]);
                else appender.AppendHistogram(series, Start + i, 0, Histogram(i, isInteger: i % 4 == 1, i % 4 == 3));
                expected.Add((Start + i, i));
            }

            var report = await appender.CommitAsync(TestContext.Current.CancellationToken);
            report.Stored.Should().Be(80);
            database.ReadAll()[Up].Should().Equal(expected);
        }

        await using var again = await TestDatabase.OpenAsync(directory);
        again.ReadAll()[Up].Should().Equal(expected);
        Histograms(again)[Up].Select(sample => sample.Histogram?.Schema).Should().Equal(
            Enumerable.Range(0, 40).Select(i => i % 4 == 0 ? (int?)null : i % 4 == 3 ? -53 : 2));
    }

    [Fact]
    public async Task CommitAsync_KnowsWhatIsStored_HoweverTheChunkWasEncoded()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var samples = HistogramSequence.Make(2, 300);
        (await AppendAsync(database, samples.Select(sample => (Up, sample)))).Stored.Should().Be(300);

        var again = await AppendAsync(database, samples.Select(sample => (Up, sample)));

        again.AlreadyStored.Should().Be(300);
        again.Rejected.Should().BeEmpty();
    }

    [Fact]
    public async Task CommitAsync_KnowsWhatIsInItsOwnBatch()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var samples = HistogramSequence.Make(3, 20);

        var report = await AppendAsync(database, samples.Concat(samples).Select(sample => (Up, sample)));

        (report.Stored, report.AlreadyStored).Should().Be((20, 20));
    }

    [Fact]
    public async Task CommitAsync_RejectsAnotherSampleOfTheSameTime_OfWhateverKind()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var histogram = Histogram(5);
        await AppendAsync(database, [(Up, (Start, histogram))]);

        var others = new List<AppendReport>
        {
            await AppendAsync(database, [(Up, (Start, Histogram(6)))]),
            await AppendAsync(database, [(Up, (Start, Histogram(5, isInteger: false)))]),
            await database.AppendAsync((Up, Start, 5)),
        };

        others.Select(report => report.Rejected.Single()).Should().OnlyContain(
            rejected => rejected.Reason == AppendResult.DuplicateTimestamp && rejected.Existing.Value == 5);
        others[0].Rejected[0].Histogram.Should().NotBeNull();
        others[2].Rejected[0].Histogram.Should().BeNull();
        await database.AppendAsync((Up, Start + 1, 1));
        (await AppendAsync(database, [(Up, (Start + 1, histogram))])).Rejected.Single().Reason
            .Should().Be(AppendResult.DuplicateTimestamp);
    }

    [Fact]
    public async Task CommitAsync_RejectsWhatMakesNoSense_AndKeepsTheRest()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var good = Histogram(1);
        NativeHistogram[] bad =
        [
            new() { IsInteger = true, Schema = 2, Count = 5, Sum = 1 },
            new() { Schema = 2, Count = -1, Sum = 1 },
            new() { Schema = 9, Count = 0, Sum = 0 },
            new() { Schema = 2, Count = 0, Sum = 0, PositiveSpans = new HistogramSpan[] { new(0, 1) } },
            new() { Schema = 2, Count = 0, Sum = 0, CustomBounds = new double[] { 1 } },
        ];

        var report = await AppendAsync(
            database, bad.Append(good).Select((histogram, i) => (Up, (Start + i, histogram))));

        report.Stored.Should().Be(1);
        report.Rejected.Select(rejected => (rejected.Reason, rejected.Sample.TimestampMs)).Should().Equal(
            (AppendResult.HistogramCountMismatch, Start),
            (AppendResult.HistogramNegativeCount, Start + 1),
            (AppendResult.HistogramSchema, Start + 2),
            (AppendResult.HistogramSpans, Start + 3),
            (AppendResult.HistogramCustomBounds, Start + 4));
        database.ReadAll()[Up].Should().Equal((Start + 5, 1.0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CommitAsync_TakesAFloatStaleMarker_ForTheEndOfTheHistograms(bool isInteger)
    {
        var directory = _root.Open();
        await using (var database = await TestDatabase.OpenAsync(directory))
        {
            await AppendAsync(database, [(Up, (Start, Histogram(5, isInteger)))]);
            (await database.AppendAsync((Up, Start + 1, StaleMarker.Value))).Stored.Should().Be(1);
            (await database.AppendAsync((Up, Start + 1, StaleMarker.Value))).AlreadyStored.Should().Be(1);
        }

        await using var again = await TestDatabase.OpenAsync(directory);
        (await again.AppendAsync((Up, Start + 2, StaleMarker.Value))).Stored.Should().Be(1);
        foreach (var (_, histogram) in Histograms(again)[Up])
            histogram!.IsInteger.Should().Be(isInteger);
    }

    [Fact]
    public async Task TryReadLatest_SaysUnknown_WhereTheLastSampleIsAHistogram()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        await AppendAsync(database, [(Up, (Start, Histogram(5)))]);
        using var querier = database.OpenQuerier(0, long.MaxValue);
        using var set = querier.Select(new SelectHints(0, long.MaxValue), []);
        var entries = new SeriesEntry[1];
        set.ReadNext(entries).Should().Be(1);

        set.TryReadLatest(entries[0], 0, long.MaxValue, out _).Should().Be(LatestSample.Unknown);
    }

    [Fact]
    public async Task ReadSamples_StaysWithItsView_WhileHistogramsAreAppended()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var samples = HistogramSequence.Make(4, 200);
        await AppendAsync(database, samples.Take(50).Select(sample => (Up, sample)));
        using var querier = database.OpenQuerier(0, long.MaxValue);
        foreach (var sample in samples.Skip(50)) await AppendAsync(database, [(Up, sample)]);

        querier.ReadAll()[Up].Select(sample => sample.T).Should()
            .Equal(samples.Take(50).Select(sample => sample.TimestampMs));
        database.ReadAll()[Up].Should().HaveCount(200);
    }

    [Fact]
    public async Task CommitAsync_TakesHistogramsBack_WhenTheDiskIsFull()
    {
        var faulty = new FaultyDataDirectory(_root.Open());
        await using var database = await TestDatabase.OpenAsync(faulty);
        await AppendAsync(database, [(Up, (Start, Histogram(5)))]);
        faulty.FreeBytes = 0;
        var act = () => AppendAsync(database, [(Up, (Start + 1, Histogram(6)))]);
        await act.Should().ThrowAsync<StorageUnavailableException>();
        faulty.FreeBytes = long.MaxValue;

        (await AppendAsync(database, [(Up, (Start + 1, Histogram(7)))])).Stored.Should().Be(1);

        database.ReadAll()[Up].Should().Equal((Start, 5.0), (Start + 1, 7.0));
    }

    public void Dispose() => _root.Dispose();

    private static void Check(Database database, Dictionary<Labels, List<(long T, NativeHistogram H)>> expected)
    {
        var actual = Histograms(database);
        actual.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (labels, samples) in expected)
        {
            actual[labels].Select(sample => sample.T).Should().Equal(samples.Select(sample => sample.T));
            for (var i = 0; i < samples.Count; i++)
                actual[labels][i].Histogram!.ShouldEqual(samples[i].H, $"{labels}, sample {i}");
        }
    }

    private static Dictionary<Labels, List<(long T, NativeHistogram? Histogram)>> Histograms(Database database)
    {
        var result = new Dictionary<Labels, List<(long, NativeHistogram?)>>();
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        using var set = querier.Select(new SelectHints(long.MinValue, long.MaxValue), []);
        var entries = new SeriesEntry[1];
        var columns = new SampleColumns();
        while (set.ReadNext(entries) > 0)
        {
            columns.Clear();
            set.ReadSamples(entries[0], long.MinValue, long.MaxValue, columns);
            var samples = new List<(long, NativeHistogram?)>();
            for (var i = 0; i < columns.Count; i++)
                samples.Add((columns.TimestampsMs[i], columns.Histograms.IsEmpty ? null : columns.Histograms[i]));
            result.Add(entries[0].Labels, samples);
        }

        return result;
    }

    private static async Task<AppendReport> AppendAsync(
        Database database, IEnumerable<(Labels Labels, (long T, NativeHistogram H) Sample)> samples)
    {
        using var appender = database.CreateAppender();
        foreach (var (labels, (t, h)) in samples)
            appender.AppendHistogram(appender.GetOrAddSeries(labels, []), t, 0, h);
        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }
}
