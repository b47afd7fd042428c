using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramSumTests
{
    private static readonly HistogramWorkspace Workspace = new();

    [Fact]
    public void Sum_IsCompensated()
    {
        var sum = new HistogramSum(Workspace);
        sum.Finish(isCompact: true).Should().BeNull();
        foreach (var value in new[] { 1, 1e100, 1, -1e100 }) sum.Add(Exponential($"0: {value:R} 0", sum: value));
        sum.Count.Should().Be(4);
        var result = sum.Finish(isCompact: true)!.ToHistogram();
        result.Sum.Should().Be(2);
        Positive(result).Should().Be("0: 2");
        sum.Reset();
        sum.Add(Exponential("0: 1 0"));
        Positive(sum.Finish(isCompact: false)!.ToHistogram()).Should().Be("0: 1 0");
    }

    [Fact]
    public void Sum_IsNone_WhenSchemasDoNotMix()
    {
        var sum = new HistogramSum(Workspace);
        sum.Add(Exponential("0: 1", hint: CounterResetHint.CounterReset));
        sum.Add(Custom([1], "0: 1"));
        sum.Add(Exponential("0: 1", hint: CounterResetHint.NotCounterReset));
        sum.Conflicts.Should().Be(HistogramConflicts.Schemas);
        sum.Finish(isCompact: true).Should().BeNull();
        sum.Reset();
        sum.Conflicts.Should().Be(HistogramConflicts.None);
    }

    [Fact]
    public void Conflicts_CompareAllHints()
    {
        // The sum of the first two is unknown, so only a record of all of them can tell.
        foreach (var fold in new Func<NativeHistogram[], HistogramConflicts>[] { ConflictsOfSum, ConflictsOfMean })
        {
            fold([
                Exponential(hint: CounterResetHint.CounterReset), Exponential(),
                Exponential(hint: CounterResetHint.NotCounterReset),
            ]).Should().Be(HistogramConflicts.CounterResetHints);
            fold([Exponential(hint: CounterResetHint.CounterReset), Exponential(hint: CounterResetHint.Gauge)])
                .Should().Be(HistogramConflicts.None);
            fold([Custom([1], "0: 1"), Custom([2], "0: 1")]).Should().Be(HistogramConflicts.CustomBounds);
        }
    }

    [Fact]
    public void Mean_DividesTheSum()
    {
        var mean = new HistogramMean(Workspace);
        foreach (var value in new[] { 1, 1e100, 1, -1e100 })
            mean.Add(Exponential($"0: {value:R} 0 4", count: value, sum: 8, zero: value));
        var result = mean.Finish(isCompact: false)!.ToHistogram();
        (result.Count, result.Sum, result.ZeroCount).Should().Be((0.5, 8, 0.5));
        Positive(result).Should().Be("0: 0.5 0 4");
    }

    [Fact]
    public void Mean_OfOne_IsTheHistogram()
    {
        var mean = new HistogramMean(Workspace);
        mean.Add(Exponential("0: 3 0", count: 3, hint: CounterResetHint.CounterReset));
        var result = mean.Finish(isCompact: true)!.ToHistogram();
        Positive(result).Should().Be("0: 3");
        result.CounterResetHint.Should().Be(CounterResetHint.CounterReset);
    }

    [Theory]
    [InlineData("0: 1 2", "0: 1 2")]
    [InlineData("0: 1 2", "0: 1 2 | 9: 4")]
    public void Mean_GoesOnAsRunningMean_WhenTheSumWouldBeInfinite(string first, string others)
    {
        var mean = new HistogramMean(Workspace);
        mean.Add(Exponential(first, sum: 1.5e308, count: 3));
        mean.Add(Exponential(others, sum: 1.5e308, count: 3));
        mean.Add(Exponential(others, sum: 1.5e308, count: 9));
        var result = mean.Finish(isCompact: true)!.ToHistogram();
        result.Sum.Should().BeApproximately(1.5e308, 1e293);
        result.Count.Should().BeApproximately(5, 1e-14);
        result.PositiveCounts.Span[1].Should().BeApproximately(2, 1e-14);
        if (others == first) return;
        result.PositiveCounts.Span[2].Should().BeApproximately(8.0 / 3, 1e-14);
        result.PositiveCounts.Length.Should().Be(3);
    }

    // What was taken back must not be seen: the plain recurrence decides.
    [Fact]
    public void Mean_GivesTheBitsOfThePlainRecurrence()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var mean = new HistogramMean(Workspace);
            double sum = 0, lost = 0;
            var isMean = false;
            var scale = round % 2 == 0 ? 1 : 1e308;
            for (var n = 1; n <= 9; n++)
            {
                var value = random.NextDouble() * scale;
                mean.Add(Exponential($"{(round % 3 == 0 ? random.Next(9) : 0)}: 1", sum: value));
                if (!isMean)
                {
                    var (newSum, newLost) = (sum, lost);
                    if (n == 1) newSum = value;
                    else KahanSum.Add(value, ref newSum, ref newLost);
                    if (!double.IsInfinity(newSum))
                    {
                        (sum, lost) = (newSum, newLost);
                        continue;
                    }

                    isMean = true;
                    sum /= n - 1;
                    lost /= n - 1;
                }

                sum *= (n - 1.0) / n;
                lost *= (n - 1.0) / n;
                KahanSum.Add(value / n, ref sum, ref lost);
            }

            mean.Finish(isCompact: true)!.ToHistogram().Sum.Should().Be(isMean ? sum + lost : sum / 9 + lost / 9);
            isMean.Should().Be(scale > 1);
        }
    }

    [Fact]
    public void Mean_AllocatesNothing_WhenTheLayoutFits()
    {
        var histogram = Exponential("0: 1 2 3 4 5 | 9: 1", "0: 1 2 3", count: 1, zero: 1, sum: 1e308);
        var mean = new HistogramMean(Workspace);
        for (var i = 0; i < 3; i++) mean.Add(histogram);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) mean.Add(histogram);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        mean.Finish(isCompact: true)!.ToHistogram().Sum.Should().BeApproximately(1e308, 1e294);
    }

    private static HistogramConflicts ConflictsOfSum(NativeHistogram[] histograms)
    {
        var sum = new HistogramSum(Workspace);
        foreach (var histogram in histograms) sum.Add(histogram);
        return sum.Conflicts;
    }

    private static HistogramConflicts ConflictsOfMean(NativeHistogram[] histograms)
    {
        var mean = new HistogramMean(Workspace);
        foreach (var histogram in histograms) mean.Add(histogram);
        return mean.Conflicts;
    }
}
