using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

/// <summary>A deletion hits the late samples that are there, and none that comes later.</summary>
public sealed class OutOfOrderDeletionTests : IDisposable
{
    private const long Second = 1000;
    private const long Hour = 3600 * Second;
    private const long Now = 486_004 * Hour;

    private static readonly Labels Up = Series("up");

    private readonly TemporaryDirectory _root = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public async Task DeleteSeries_HitsLateSamples_InChunksOrNot_AndAfterRestarts(int count)
    {
        List<(long, double)> left = [(Now - 1, -1.0), (Now, 0.0)];
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Up, Now, 0));
            for (var i = 1; i <= count; i++) await database.AppendAsync((Up, Now - (i * Second), i));
            await database.AppendAsync((Up, Now - 1, -1));
            await DeleteAsync(database, Now - Hour, Now - Second);
            database.ReadAll()[Up].Should().Equal(left);
        }

        for (var round = 0; round < 3; round++)
        {
            await using var reopened = await OpenAsync();
            reopened.ReadAll()[Up].Should().Equal(left);
            await reopened.AppendAsync((Series("other"), Now - (round * Second) - 5, 1));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public async Task DeleteSeries_LeavesWhatComesLater_AlsoOfTheSameTimes(int count)
    {
        var samples = Enumerable.Range(1, count).Select(i => (Up, T: Now - (i * Second), V: (double)i)).ToArray();
        var again = samples.Select(s => (s.Up, s.T, -s.V)).ToArray();
        var expected = again.Select(s => (s.T, s.Item3)).Reverse().ToList();
        await using (var database = await OpenAsync())
        {
            await database.AppendAsync((Up, Now - (2 * Second), 100), (Up, Now, 0));
            await database.AppendAsync([.. samples.Where(s => s.T != Now - (2 * Second))]);
            await DeleteAsync(database, long.MinValue, long.MaxValue);
            database.ReadAll()[Up].Should().BeEmpty();
            (await database.AppendAsync(again)).Stored.Should().Be(count);
            (await database.AppendAsync(again)).AlreadyStored.Should().Be(count);
            (await database.AppendAsync(samples)).Rejected.Should().HaveCount(count).And.OnlyContain(
                r => r.Reason == AppendResult.DuplicateTimestamp && r.Existing.Value < 0);
            database.ReadAll()[Up].Should().Equal(expected);
        }

        await using (var reopened = await OpenAsync())
        {
            reopened.ReadAll()[Up].Should().Equal(expected);
            // Once more the same range: now these are there.
            await DeleteAsync(reopened, long.MinValue, Now - (3 * Second));
            reopened.ReadAll()[Up].Should().Equal(expected[^2..]);
        }

        await using var last = await OpenAsync();
        last.ReadAll()[Up].Should().Equal(expected[^2..]);
    }

    // Random deletions, late floats and histograms, restarts and compactions against a list.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Deletions_AreWhatTheyWere_WhateverHappensInBetween(int seed)
    {
        var random = new Random(seed);
        var expected = new StoredHistograms();
        var database = await OpenAsync();
        var now = Now;
        await AppendAsync(database, expected, now, 1);
        for (var step = 0; step < 600; step++)
        {
            switch (random.Next(40))
            {
                case 0:
                    await database.DisposeAsync();
                    database = await OpenAsync();
                    break;
                case 1 or 2 or 3:
                    var from = now - random.NextInt64(2 * Hour);
                    var to = from + random.NextInt64(Hour);
                    await DeleteAsync(database, from, to);
                    expected.Remove(Up, from, Math.Min(to, now));
                    break;
                case 4:
                    await database.Maintenance!.RunAsync();
                    break;
                case 5:
                    now += random.NextInt64(Hour / 2);
                    break;
                case < 12:
                    now += random.Next(1, 20_000);
                    if (!expected.Has(Up, now)) await AppendAsync(database, expected, now, random.Next(6));
                    break;
                default:
                    // On a grid, so that deleted times come again.
                    var late = now - (2 * Hour) + (random.NextInt64(2 * Hour) / (60 * Second) * 60 * Second);
                    if (!expected.Has(Up, late)) await AppendAsync(database, expected, late, random.Next(6));
                    break;
            }

            if (step % 10 == 0) expected.Check(database);
        }

        expected.Check(database);
        await database.DisposeAsync();
        await using var reopened = await OpenAsync();
        expected.Check(reopened);
    }

    public void Dispose() => _root.Dispose();

    private static async Task AppendAsync(Database database, StoredHistograms expected, long t, int kind)
    {
        using var appender = database.CreateAppender();
        var series = appender.GetOrAddSeries(Up, []);
        var histogram = kind < 3 ? null : new NativeHistogram
        {
            IsInteger = kind != 4,
            Schema = kind == 5 ? 1 : 2,
            Count = kind,
            Sum = t % 777,
            PositiveSpans = new HistogramSpan[] { new(0, 1) },
            PositiveCounts = new double[] { kind },
        };
        if (histogram is null) appender.Append(series, [new FloatSample(t, t % 777)]);
        else appender.AppendHistogram(series, t, 0, histogram);
        var report = await appender.CommitAsync(Cancellation);
        report.Stored.Should().Be(1, $"at {t}");
        expected.Add(Up, t, t % 777, histogram);
    }

    private static Task DeleteAsync(Database database, long minTimeMs, long maxTimeMs) => database.DeleteSeriesAsync(
        minTimeMs, maxTimeMs, [new LabelMatcher(MatchType.Equal, "__name__", "up")], Cancellation);

    private Task<Database> OpenAsync() => TestDatabase.OpenAsync(_root.Open());
}
