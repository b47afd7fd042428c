using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class ColumnRunsTests
{
    [Fact]
    public void Merge_TakesTheLowestRank_AndEachTimestampOnce_ForRandomRuns()
    {
        var random = new Random(5);
        var runs = new ColumnRuns();
        for (var round = 0; round < 500; round++)
        {
            var columns = new SampleColumns();
            columns.Add(new FloatSample(-5, -5));
            var count = random.Next(2, 5);
            var starts = new int[count];
            var ranks = Enumerable.Range(0, count).OrderBy(_ => random.Next()).ToArray();
            var expected = new SortedDictionary<long, (int Rank, FloatSample Sample)>();
            for (var run = 0; run < count; run++)
            {
                starts[run] = columns.Count;
                var draws = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Next(40));
                foreach (var t in draws.Distinct().Order())
                {
                    var sample = new FloatSample(t, (run * 100) + t, random.Next(3));
                    columns.Add(sample);
                    if (!expected.TryGetValue(t, out var other) || other.Rank > ranks[run])
                        expected[t] = (ranks[run], sample);
                }
            }

            runs.Merge(columns, starts, ranks);

            columns.TimestampsMs.ToArray().Should().Equal([-5, .. expected.Keys]);
            columns.Values.ToArray().Should().Equal([-5, .. expected.Values.Select(entry => entry.Sample.Value)]);
            if (!columns.StartTimestampsMs.IsEmpty)
            {
                columns.StartTimestampsMs.ToArray()
                    .Should().Equal([0, .. expected.Values.Select(entry => entry.Sample.StartTimestampMs)]);
            }
        }
    }

    [Fact]
    public void Merge_ForgetsCounterResets_WhereTheRunChanges()
    {
        var columns = new SampleColumns();
        foreach (var t in new[] { 1, 2, 5, 6, 3, 4 })
            columns.Add(t, 0, Histogram(t == 6 ? CounterResetHint.Gauge : CounterResetHint.NotCounterReset));
        new ColumnRuns().Merge(columns, [0, 4], [0, 1]);
        columns.TimestampsMs.ToArray().Should().Equal(1, 2, 3, 4, 5, 6);
        columns.Histograms.ToArray().Select(histogram => histogram!.CounterResetHint).Should().Equal(
            CounterResetHint.NotCounterReset,
            CounterResetHint.NotCounterReset,
            CounterResetHint.Unknown,
            CounterResetHint.NotCounterReset,
            CounterResetHint.Unknown,
            CounterResetHint.Gauge);
        columns.Histograms[2]!.Count.Should().Be(7);
    }

    private static NativeHistogram Histogram(CounterResetHint hint) =>
        new() { Schema = 0, Count = 7, Sum = 9, CounterResetHint = hint };
}
