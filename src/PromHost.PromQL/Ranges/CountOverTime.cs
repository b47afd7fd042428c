// Hot path: the range functions that look at each window anew or at its ends only.
namespace PromHost.PromQL;

/// <summary><c>count_over_time</c></summary>
internal readonly struct CountOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Count;
}

/// <summary><c>present_over_time</c>, and what <c>absent_over_time</c> asks for.</summary>
internal readonly struct PresentOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => 1;
}

/// <summary><c>first_over_time</c></summary>
internal readonly struct FirstOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Values[window.First];
}

/// <summary><c>last_over_time</c></summary>
internal readonly struct LastOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.Values[window.End - 1];
}

/// <summary><c>ts_of_first_over_time</c>, in seconds.</summary>
internal readonly struct TsOfFirstOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.TimestampsMs[window.First] / 1000.0;
}

/// <summary><c>ts_of_last_over_time</c>, in seconds.</summary>
internal readonly struct TsOfLastOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => window.TimestampsMs[window.End - 1] / 1000.0;
}

/// <summary><c>sum_over_time</c></summary>
internal readonly struct SumOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window)
    {
        var sum = default(NeumaierSum);
        foreach (var value in window.WindowValues) sum.Add(value);
        return double.IsInfinity(sum.Sum) ? sum.Sum : sum.Value;
    }
}

/// <summary>
/// <c>avg_over_time</c>: the sum divided by the count, or, from the sample on that would make the sum infinite, the
/// mean carried from sample to sample.
/// </summary>
internal readonly struct AvgOverTime : IWindowFunction
{
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
}

/// <summary><c>stddev_over_time</c></summary>
internal readonly struct StdDevOverTime : IWindowFunction
{
    public static double Compute(in RangeWindow window) => Math.Sqrt(StdVarOverTime.Compute(window));
}
