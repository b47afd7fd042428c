using FsCheck;
using FsCheck.Fluent;
using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class GroupAccumulatorTests
{
    private const int Steps = 150;

    // Dense words take the fast ways, sparse ones the slow; both must give the same bits as the plain recurrence.
    [Fact]
    public void SumAndAvg_GiveTheBitsOfThePlainRecurrence()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var rows = Rows(random, seed % 4);
            var expected = new (double Sum, double C, double Count, bool IsMean)[Steps];
            var sum = new SumAccumulator(Steps);
            var avg = new AverageAccumulator(Steps);
            var sums = new (double Sum, double C)[Steps];
            foreach (var row in rows)
            {
                sum.Fold(0, row);
                avg.Fold(0, row);
                for (var i = 0; i < Steps; i++)
                {
                    if (!row.Has(i)) continue;
                    KahanSum.Add(row.Values[i], ref sums[i].Sum, ref sums[i].C);
                    AddToMean(ref expected[i], row.Values[i]);
                }
            }

            var sumRow = new SeriesRow(Steps);
            var avgRow = new SeriesRow(Steps);
            sum.Finish(0, sumRow);
            avg.Finish(0, avgRow);
            for (var i = 0; i < Steps; i++)
            {
                if (!sumRow.Has(i)) continue;
                sumRow.Values[i].Should().Be(sums[i].Sum + sums[i].C);
                var (s, c, n, isMean) = expected[i];
                avgRow.Values[i].Should().Be(isMean ? s + c : s / n + c / n);
            }
        }
    }

    [Fact]
    public void MinAndMax_IgnoreNaN_UnlessThereIsNothingElse()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var rows = Rows(new Random(seed), seed % 4);
            var min = new ExtremumAccumulator<SmallerWins>(Steps);
            var max = new ExtremumAccumulator<LargerWins>(Steps);
            var seen = new List<double>[Steps];
            for (var i = 0; i < Steps; i++) seen[i] = [];
            foreach (var row in rows)
            {
                min.Fold(0, row);
                max.Fold(0, row);
                for (var i = 0; i < Steps; i++)
                {
                    if (row.Has(i)) seen[i].Add(row.Values[i]);
                }
            }

            var minRow = new SeriesRow(Steps);
            var maxRow = new SeriesRow(Steps);
            min.Finish(0, minRow);
            max.Finish(0, maxRow);
            for (var i = 0; i < Steps; i++)
            {
                minRow.Has(i).Should().Be(seen[i].Count > 0);
                if (seen[i].Count == 0) continue;
                var numbers = seen[i].Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).ToList();
                minRow.Values[i].Should().Be(numbers.Min());
                maxRow.Values[i].Should().Be(numbers.Max());
            }
        }
    }

    [Fact]
    public void Count_CountsEveryPoint()
    {
        var rows = Rows(new Random(7), 1);
        var count = new CountAccumulator(Steps);
        foreach (var row in rows) count.Fold(0, row);
        var result = new SeriesRow(Steps);
        count.Finish(0, result);
        for (var i = 0; i < Steps; i++)
            (result.Has(i) ? result.Values[i] : 0).Should().Be(rows.Count(row => row.Has(i)));
    }

    [Fact]
    public void KahanSum_LosesNothing_WhenLargeTermsCancel() => Prop.ForAll<int, int>((a, b) =>
    {
        double sum = 0, compensation = 0;
        foreach (var value in (double[])[a, 1e100, b, -1e100]) KahanSum.Add(value, ref sum, ref compensation);
        return sum + compensation == (double)a + b;
    }).QuickCheckThrowOnFailure();

    private static void AddToMean(ref (double Sum, double C, double Count, bool IsMean) state, double value)
    {
        state.Count++;
        if (state.Count == 1)
        {
            state.Sum = value;
            return;
        }

        if (!state.IsMean)
        {
            var (sum, c) = (state.Sum, state.C);
            KahanSum.Add(value, ref sum, ref c);
            if (!double.IsInfinity(sum))
            {
                (state.Sum, state.C) = (sum, c);
                return;
            }

            state.IsMean = true;
            state.Sum /= state.Count - 1;
            state.C /= state.Count - 1;
        }

        var q = (state.Count - 1) / state.Count;
        var (mean, compensation) = (q * state.Sum, q * state.C);
        KahanSum.Add(value / state.Count, ref mean, ref compensation);
        (state.Sum, state.C) = (mean, compensation);
    }

    private static List<SeriesRow> Rows(Random random, int kind)
    {
        var rows = new List<SeriesRow>();
        for (var r = 0; r < 12; r++)
        {
            var row = new SeriesRow(Steps);
            for (var i = 0; i < Steps; i++)
            {
                if (kind != 0 && random.Next(4) == 0 && (kind != 2 || i % 64 < 32)) continue;
                row.Set(i, random.Next(12) switch
                {
                    0 => double.NaN,
                    1 when kind == 3 => double.PositiveInfinity,
                    2 => random.NextDouble() * 1e300,
                    3 when kind == 3 => 1.7e308,
                    4 => -0.0,
                    _ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(30) - 10),
                });
            }

            rows.Add(row);
        }

        return rows;
    }
}
