using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class DatabaseIsolationTests
{
    private const int Writers = 3;
    private const int SeriesPerBatch = 40;

    [Fact]
    public async Task OpenQuerier_SeesNothingLater_HoweverLateItReads()
    {
        using var root = new TemporaryDirectory();
        await using var database = await TestDatabase.OpenAsync(root.Open());
        var a = TestDatabase.Series("a");
        var b = TestDatabase.Series("b");
        await database.AppendAsync((a, 1, 1));
        using var first = database.OpenQuerier(0, 100_000_000);
        using var set = first.Select(new SelectHints(0, 100_000_000), []);
        for (var t = 2; t < 1000; t++)
        {
            await database.AppendAsync((a, t * 1000, t), (b, t * 1000, t));
            if (t != 500) continue;
            using var middle = database.OpenQuerier(0, 100_000_000);
            await database.AppendAsync((a, (t * 1000) + 1, t), (b, (t * 1000) + 1, t));
            middle.ReadAll()[b].Should().HaveCount(499);
        }

        first.ReadAll().Should().ContainSingle().Which.Value.Should().Equal((1, 1.0));
        first.LabelValues(Labels.MetricName, []).Should().Equal("a");
        var entries = new SeriesEntry[4];
        set.ReadNext(entries).Should().Be(1);
        set.TryReadLatest(entries[0], 0, 100_000_000, out _).Should().Be(LatestSample.Unknown);
        database.Head.Isolation.OldestView.Should().BeLessThan(database.Head.Isolation.Published);
    }

    [Fact]
    public async Task OpenQuerier_CostsOneMarkPerSeries_HoweverLongItIsOpen()
    {
        using var root = new TemporaryDirectory();
        await using var database = await TestDatabase.OpenAsync(root.Open());
        var a = TestDatabase.Series("a");
        var b = TestDatabase.Series("b");
        await database.AppendAsync((a, 1, 1), (b, 1, 1));
        var first = database.OpenQuerier(0, 1_000_000);
        for (var t = 2; t < 200; t++) await database.AppendAsync((a, t, t), (b, t, t));
        var second = database.OpenQuerier(0, 1_000_000);
        for (var t = 200; t < 400; t++) await database.AppendAsync((a, t, t), (b, t, t));
        database.Head.Isolation.RememberedCount.Should().Be(4);
        first.ReadAll()[a].Should().HaveCount(1);
        second.ReadAll()[b].Should().HaveCount(199);

        first.Dispose();
        second.Dispose();
        await database.AppendAsync((a, 500, 1));
        database.Head.Isolation.RememberedCount.Should().Be(0);
    }

    // Each writer counts up: one batch sets all of its series to the same number. Whoever reads must find one number
    // in all series of a writer, and never a smaller one than before.
    [Fact]
    public async Task OpenQuerier_SeesBatchesWholeOrNotAtAll_UnderConcurrentWrites()
    {
        using var root = new TemporaryDirectory();
        await using var database = await TestDatabase.OpenAsync(root.Open());
        var isDone = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var reads = 0;
            var last = new double[Writers];
            while (Volatile.Read(ref isDone) == 0 || reads == 0)
            {
                ReadOnce(database, last);
                reads++;
            }
        })).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteAsync(database, w))));
        Volatile.Write(ref isDone, 1);
        await Task.WhenAll(readers);
    }

    private static async Task WriteAsync(Database database, int writer)
    {
        var refs = new List<Labels>();
        for (var round = 1; round <= 400; round++)
        {
            // New series join all the time.
            if (round % 10 == 1)
            {
                for (var i = 0; i < SeriesPerBatch / 10; i++)
                {
                    refs.Add(TestDatabase.Series(
                        "m",
                        ("w", writer.ToString(CultureInfo.InvariantCulture)),
                        ("i", refs.Count.ToString(CultureInfo.InvariantCulture))));
                }
            }

            using var appender = database.CreateAppender();
            foreach (var labels in refs)
                appender.Append(appender.GetOrAddSeries(labels, []), [new FloatSample(round * 1000, round)]);
            (await appender.CommitAsync(TestContext.Current.CancellationToken)).Stored.Should().Be(refs.Count);
        }
    }

    private static void ReadOnce(Database database, double[] last)
    {
        using var querier = database.OpenQuerier(0, long.MaxValue);
        for (var writer = 0; writer < Writers; writer++)
        {
            var matcher = new LabelMatcher(
                PromHost.Model.MatchType.Equal, "w", writer.ToString(CultureInfo.InvariantCulture));
            var series = querier.ReadAll([matcher], 0);
            if (series.Count == 0) continue;
            var newest = series.Values.Select(s => s[^1].V).Distinct().ToList();
            newest.Should().ContainSingle();
            newest[0].Should().BeGreaterThanOrEqualTo(last[writer]);
            last[writer] = newest[0];
            series.Should().HaveCount((int)((newest[0] + 9) / 10) * (SeriesPerBatch / 10));
            foreach (var samples in series.Values)
            {
                var counting = Enumerable.Range((int)samples[0].V, samples.Count).Select(v => (double)v);
                samples.Select(s => s.V).SequenceEqual(counting).Should().BeTrue();
            }
        }
    }
}
