using System.Runtime.Intrinsics;

namespace PromHost.PromQL.Tests;

public sealed class WindowBlockTests
{
    private static readonly StepGrid s_grid = new(600_000, 1_200_000, 7_000);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Evaluate_HasTheBitsOfEachWindowAlone(int seed)
    {
        Compare(default(WindowKernel<SumOverTime>), seed);
        Compare(default(WindowKernel<AvgOverTime>), seed);
        Compare(default(WindowKernel<StdVarOverTime>), seed);
        Compare(default(WindowKernel<StdDevOverTime>), seed);
        Compare(default(DerivKernel), seed);
        foreach (var rangeMs in (long[])[20_000, 60_000, 120_000])
        {
            Compare(new RateKernel<RateShape>(rangeMs), seed, rangeMs);
            Compare(new RateKernel<IncreaseShape>(rangeMs), seed, rangeMs);
            Compare(new RateKernel<DeltaShape>(rangeMs), seed, rangeMs);
        }

        var seconds = new double[s_grid.Count];
        for (var i = 0; i < seconds.Length; i++) seconds[i] = i * 1.25;
        Compare(new PredictLinearKernel(seconds), seed);
    }

    private static void Compare<TKernel>(TKernel kernel, int seed, long? rangeMs = null)
        where TKernel : struct, IRangeKernel
    {
        var random = new Random(seed);
        // Seconds apart: from windows with the same number of samples to all kinds; with gaps.
        var distance = seed % 3 == 0 ? 3_500 : 1 + random.Next(20_000);
        var times = new List<long>();
        for (var timeMs = 0L; timeMs < 1_300_000; timeMs += seed % 3 == 0 ? distance : 1 + random.Next(distance * 2))
            if (random.Next(20) > 0 || seed % 2 == 0) times.Add(timeMs);
        var values = times.Select(_ => ValueOf(random, seed)).ToArray();
        var windows = new RangeGrid(s_grid, new SelectorTimes(0, null), rangeMs ?? 20_000 + random.Next(100_000));

        var expected = new SeriesRow(s_grid.Count);
        var alone = new Alone<TKernel>(kernel); // a copy
        var expectedCounts = windows.Evaluate(ref alone, times.ToArray(), values, expected, CancellationToken.None);
        var row = new SeriesRow(s_grid.Count);
        var counts = windows.Evaluate(ref kernel, times.ToArray(), values, row, CancellationToken.None);

        counts.Should().Be(expectedCounts);
        row.Presence.ToArray().Should().Equal(expected.Presence.ToArray());
        for (var step = 0; step < s_grid.Count; step++)
        {
            if (!row.Has(step)) continue;
            Bits(row.Values[step]).Should().Be(Bits(expected.Values[step]), $"{typeof(TKernel)} at step {step}");
        }
    }

    // The sign of a NaN means nothing.
    private static long Bits(double value) => double.IsNaN(value) ? -1 : BitConverter.DoubleToInt64Bits(value);

    private static double ValueOf(Random random, int seed) => (seed % 5, random.Next(30)) switch
    {
        (1, 0) => double.NaN,
        (2, 0) => double.PositiveInfinity,
        (2, 1) => double.NegativeInfinity,
        (3, < 6) => double.MaxValue * (random.NextDouble() - 0.3),
        (4, < 20) => 17.5,
        (4, _) => random.Next(100),
        _ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(12)),
    };

    /// <summary>The kernel without its lanes.</summary>
    private struct Alone<TKernel>(TKernel kernel) : IRangeKernel
        where TKernel : struct, IRangeKernel
    {
        private TKernel _kernel = kernel;

        public void Begin(in RangeWindow window) => _kernel.Begin(window);

        public bool TryCompute(in RangeWindow window, out double value) => _kernel.TryCompute(window, out value);

        public bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values) =>
            throw new InvalidOperationException("it has none");
    }
}
