// Hot path: the functions that go over all samples of every window, four windows at a time where that is possible.
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary><c>sum_over_time</c></summary>
internal readonly struct SumOverTime : IWindowFunction
{
    public static int MinLaneSamples => 4;

    public static double Compute(in RangeWindow window)
    {
        var sum = default(NeumaierSum);
        foreach (var value in window.WindowValues) sum.Add(value);
        return double.IsInfinity(sum.Sum) ? sum.Sum : sum.Value;
    }

    public static bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var samples = new SampleLanes(windows, index);
        var sum = default(NeumaierLanes);
        for (var i = 0; i < samples.Count; i++) sum.Add(samples.Values(i));
        values = Vector256.ConditionalSelect(sum.IsInfinite, sum.Sum, sum.Value);
        return true;
    }
}

/// <summary>
/// <c>avg_over_time</c>: the sum divided by the count, or, from the sample on that would make the sum infinite, the
/// mean carried from sample to sample.
/// </summary>
internal readonly struct AvgOverTime : IWindowFunction
{
    public static int MinLaneSamples => 4;

    public static double Compute(in RangeWindow window)
    {
        var values = window.WindowValues;
        var sum = new NeumaierSum { Sum = values[0] };
        for (var i = 1; i < values.Length; i++)
        {
            var next = sum;
            next.Add(values[i]);
            if (double.IsInfinity(next.Sum)) return CarryMean(values, i, sum);
            sum = next;
        }

        return sum.Sum / values.Length + sum.Compensation / values.Length;
    }

    public static bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var samples = new SampleLanes(windows, index);
        var sum = new NeumaierLanes { Sum = samples.Values(0) };
        var infinite = Vector256<double>.Zero;
        for (var i = 1; i < samples.Count; i++)
        {
            sum.Add(samples.Values(i));
            infinite |= sum.IsInfinite;
        }

        var count = Vector256.Create((double)samples.Count);
        values = (sum.Sum / count) + (sum.Compensation / count);
        return infinite.AsUInt64() == Vector256<ulong>.Zero;
    }

    private static double CarryMean(ReadOnlySpan<double> values, int from, NeumaierSum sum)
    {
        var mean = new NeumaierSum { Sum = sum.Sum / from, Compensation = sum.Compensation / from };
        for (var i = from; i < values.Length; i++)
        {
            double count = i + 1;
            var share = (count - 1) / count;
            mean.Sum = share * mean.Sum;
            mean.Compensation = share * mean.Compensation;
            mean.Add(values[i] / count);
        }

        return mean.Value;
    }
}

/// <summary><c>stdvar_over_time</c>, after Welford with compensated sums.</summary>
internal readonly struct StdVarOverTime : IWindowFunction
{
    public static int MinLaneSamples => 2;

    public static double Compute(in RangeWindow window)
    {
        double count = 0;
        var mean = default(NeumaierSum);
        var squares = default(NeumaierSum);
        foreach (var value in window.WindowValues)
        {
            count++;
            var delta = value - mean.Value;
            mean.Add(delta / count);
            squares.Add(delta * (value - mean.Value));
        }

        return squares.Value / count;
    }

    public static bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var samples = new SampleLanes(windows, index);
        double count = 0;
        var mean = default(NeumaierLanes);
        var squares = default(NeumaierLanes);
        for (var i = 0; i < samples.Count; i++)
        {
            count++;
            var value = samples.Values(i);
            var delta = value - mean.Value;
            mean.Add(delta / count);
            squares.Add(delta * (value - mean.Value));
        }

        values = squares.Value / count;
        return true;
    }
}

/// <summary><c>stddev_over_time</c></summary>
internal readonly struct StdDevOverTime : IWindowFunction
{
    public static int MinLaneSamples => StdVarOverTime.MinLaneSamples;

    public static double Compute(in RangeWindow window) => Math.Sqrt(StdVarOverTime.Compute(window));

    public static bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var known = StdVarOverTime.TryComputeLanes(windows, index, out values);
        values = Vector256.Sqrt(values);
        return known;
    }
}
