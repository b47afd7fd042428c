namespace PromHost.PromQL.Tests;

/// <summary>Windows over regular samples against those that are looked up sample by sample.</summary>
public sealed class RegularWindowsTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 80)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Evaluate_HasTheBitsOfWindowsLookedUp_WhenSamplesAreRegular(int seed)
    {
        var random = new Random(seed);
        var distanceMs = 1 + random.Next(30_000);
        var stepMs = distanceMs * (1L + random.Next(5));
        var count = 2 + random.Next(400);
        var firstMs = 1_000_000L + random.Next(200_000);
        var times = Enumerable.Range(0, count).Select(i => firstMs + (i * (long)distanceMs)).ToArray();
        var startMs = firstMs + random.Next(-100, 60) * (long)distanceMs + random.Next(3) * random.Next(distanceMs);
        var grid = new StepGrid(startMs, startMs + (stepMs * random.Next(1, 200)), stepMs);
        var windows = new RangeGrid(
            grid,
            new SelectorTimes(random.Next(2) * random.Next(100_000), null),
            1 + random.Next(distanceMs * 12),
            random.Next(2) * random.Next(distanceMs * 3),
            random.Next(2) * random.Next(distanceMs * 3));
        var values = times.Select(_ => ValueOf(random, seed)).ToArray();

        Compare(new RateKernel<RateShape>(windows.RangeMs), windows, times, values);
        Compare(new RateKernel<IncreaseShape>(windows.RangeMs), windows, times, values);
        Compare(new RateKernel<DeltaShape>(windows.RangeMs), windows, times, values);
        Compare(default(WindowKernel<SumOverTime>), windows, times, values);
        Compare(default(WindowKernel<CountOverTime>), windows, times, values);
    }

    [Theory]
    [InlineData(15_000, 60_000, true)]
    [InlineData(15_000, 15_000, true)]
    [InlineData(15_000, 50_000, false)]
    public void TryFind_TakesOnlyStepsThatAreMultiples(int distanceMs, int stepMs, bool isFound)
    {
        var times = Enumerable.Range(3, 9).Select(i => i * (long)distanceMs).ToArray();

        RegularTimes.TryFind(times, stepMs, out var found).Should().Be(isFound);

        if (isFound) found.Should().Be(new RegularTimes(times[0], distanceMs, 9));
    }

    [Fact]
    public void TryFind_RefusesTimes_WhenOneIsElsewhere()
    {
        for (var moved = 0; moved < 11; moved++)
        {
            var times = Enumerable.Range(0, 11).Select(i => i * 1000L).ToArray();
            times[moved]++;

            RegularTimes.TryFind(times, 1000, out _).Should().BeFalse("{0} is moved", moved);
        }

        RegularTimes.TryFind([5], 1000, out _).Should().BeFalse();
        RegularTimes.TryFind([], 1000, out _).Should().BeFalse();
    }

    private static void Compare<TKernel>(TKernel kernel, in RangeGrid windows, long[] times, double[] values)
        where TKernel : struct, IRangeKernel
    {
        var expected = new SeriesRow(windows.Grid.Count);
        var counts = WalkEachWindow(kernel, windows, times, values, expected); // with a copy of the kernel
        var row = new SeriesRow(windows.Grid.Count);

        windows.Evaluate(ref kernel, times, values, row, CancellationToken.None).Should().Be(counts);

        row.Presence.ToArray().Should().Equal(expected.Presence.ToArray());
        for (var step = 0; step < row.StepCount; step++)
        {
            if (!row.Has(step)) continue;
            Bits(row.Values[step]).Should().Be(Bits(expected.Values[step]), $"{typeof(TKernel)} at step {step}");
        }
    }

    private static RangeCounts WalkEachWindow<TKernel>(
        TKernel kernel, RangeGrid windows, long[] times, double[] values, SeriesRow row)
        where TKernel : struct, IRangeKernel
    {
        kernel.Begin(new RangeWindow { TimestampsMs = times, Values = values });
        var read = new HashSet<int>();
        long total = 0;
        var largest = 0;
        for (var step = 0; step < row.StepCount; step++)
        {
            var endMs = windows.Times.At(windows.Grid.TimeMs(step));
            var end = times.Count(time => time <= endMs + windows.AfterMs);
            var first = times.Count(time => time <= endMs - windows.RangeMs - windows.BeforeMs);
            total += end - first;
            largest = Math.Max(largest, end - first);
            read.UnionWith(Enumerable.Range(first, end - first));
            var window = new RangeWindow
            {
                TimestampsMs = times,
                Values = values,
                First = first,
                End = end,
                StartMs = endMs - windows.RangeMs,
                EndMs = endMs,
                Step = step,
                TimeMs = windows.Grid.TimeMs(step),
            };
            if (end > first && kernel.TryCompute(window, out var value)) row.Set(step, value);
        }

        return new RangeCounts(total, read.Count, largest);
    }

    // The sign of a NaN means nothing.
    private static long Bits(double value) => double.IsNaN(value) ? -1 : BitConverter.DoubleToInt64Bits(value);

    private static double ValueOf(Random random, int seed) => (seed % 5, random.Next(30)) switch
    {
        (1, 0) => double.NaN,
        (2, 0) => double.PositiveInfinity,
        (3, < 6) => double.MaxValue * (random.NextDouble() - 0.3),
        (4, < 20) => 17.5,
        (4, _) => random.Next(100),
        _ => random.NextDouble() * Math.Pow(10, random.Next(12)),
    };
}
