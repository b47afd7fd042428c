using BenchmarkDotNet.Attributes;
using PromHost.PromQL;

namespace PromHost.Benchmarks;

/// <summary>
/// Range functions over one series of 1440 samples at 1440 steps, six hours at 15 s, with a window of five minutes; the
/// figures are per step.
/// </summary>
public class RateKernelBenchmarks
{
    private const int Steps = 1440;
    private const long RangeMs = 300_000;
    private readonly long[] _timestampsMs = new long[Steps];
    private readonly double[] _values = new double[Steps];
    private readonly SeriesRow _row = new(Steps);
    private RateKernel<RateShape> _rate;
    private RangeGrid _grid;

    /// <summary>How many times the counter begins anew.</summary>
    [Params(0, 12)]
    public int Resets { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(5);
        var count = 0.0;
        for (var i = 0; i < Steps; i++)
        {
            count += random.Next(100);
            if (Resets > 0 && i % (Steps / Resets) == 7) count = 0;
            _timestampsMs[i] = NodeFleet.StartMs + (i * NodeFleet.IntervalMs) + random.Next(3);
            _values[i] = count;
        }

        var end = NodeFleet.StartMs + ((Steps - 1) * NodeFleet.IntervalMs);
        _grid = new RangeGrid(
            new StepGrid(NodeFleet.StartMs, end, NodeFleet.IntervalMs), new SelectorTimes(0, null), RangeMs);
        _rate = new RateKernel<RateShape>(RangeMs);
    }

    [Benchmark(OperationsPerInvoke = Steps)]
    public double Rate()
    {
        _row.Clear();
        _grid.Evaluate(ref _rate, _timestampsMs, _values, _row, CancellationToken.None);
        return _row.Values[^1];
    }
}
