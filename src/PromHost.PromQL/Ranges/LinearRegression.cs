// Hot path.
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>A line through the samples of a window by least squares (Prometheus, <c>linearRegression</c>).</summary>
internal static class LinearRegression
{
    /// <summary>Fits the line.</summary>
    /// <param name="window">At least one sample.</param>
    /// <param name="originMs">The time at which the intercept is taken.</param>
    public static (double Slope, double Intercept) Fit(in RangeWindow window, long originMs)
    {
        var values = window.WindowValues;
        var times = window.TimestampsMs[window.First..window.End];
        var isConstant = true;
        NeumaierSum sumX = default, sumY = default, sumXY = default, sumX2 = default;
        for (var i = 0; i < values.Length; i++)
        {
            var y = values[i];
            // NaN differs from itself, but the first value is not compared.
            if (isConstant && i > 0 && y != values[0]) isConstant = false;
            var x = (times[i] - originMs) / 1e3;
            sumX.Add(x);
            sumY.Add(y);
            sumXY.Add(x * y);
            sumX2.Add(x * x);
        }

        if (isConstant) return double.IsInfinity(values[0]) ? (double.NaN, double.NaN) : (0, values[0]);
        double n = values.Length;
        double x1 = sumX.Value, y1 = sumY.Value;
        var covariance = sumXY.Value - x1 * y1 / n;
        var variance = sumX2.Value - x1 * x1 / n;
        var slope = covariance / variance;
        return (slope, y1 / n - slope * x1 / n);
    }

    /// <summary>The same for four windows.</summary>
    /// <param name="samples">The windows.</param>
    /// <param name="originsMs">The times at which the intercepts are taken.</param>
    public static (Vector256<double> Slope, Vector256<double> Intercept) Fit(
        in SampleLanes samples, Vector256<long> originsMs)
    {
        var first = samples.Values(0);
        var isConstant = Vector256<long>.AllBitsSet.AsDouble();
        NeumaierLanes sumX = default, sumY = default, sumXY = default, sumX2 = default;
        for (var i = 0; i < samples.Count; i++)
        {
            var y = samples.Values(i);
            if (i > 0) isConstant &= Vector256.Equals(y, first);
            var x = Vector256.ConvertToDouble(samples.TimesMs(i) - originsMs) / 1e3;
            sumX.Add(x);
            sumY.Add(y);
            sumXY.Add(x * y);
            sumX2.Add(x * x);
        }

        var n = Vector256.Create((double)samples.Count);
        Vector256<double> x1 = sumX.Value, y1 = sumY.Value;
        var covariance = sumXY.Value - (x1 * y1 / n);
        var variance = sumX2.Value - (x1 * x1 / n);
        var slope = covariance / variance;
        var intercept = (y1 / n) - (slope * x1 / n);
        var isInfinite = Vector256.Equals(Vector256.Abs(first), Vector256.Create(double.PositiveInfinity));
        var nan = Vector256.Create(double.NaN);
        return (
            Vector256.ConditionalSelect(isConstant,
                Vector256.ConditionalSelect(isInfinite, nan, Vector256<double>.Zero), slope),
            Vector256.ConditionalSelect(isConstant, Vector256.ConditionalSelect(isInfinite, nan, first), intercept));
    }
}

/// <summary><c>deriv</c>: the slope per second.</summary>
internal readonly struct DerivKernel : IRangeKernel
{
    /// <inheritdoc/>
    public static int MinLaneSamples => 2;

    /// <inheritdoc/>
    public static bool LanesHaveSameCount => true;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        value = 0;
        if (window.Count < 2) return false;
        value = LinearRegression.Fit(window, window.TimestampsMs[window.First]).Slope;
        return true;
    }

    /// <inheritdoc/>
    public bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var samples = new SampleLanes(windows, index);
        values = LinearRegression.Fit(samples, samples.TimesMs(0)).Slope;
        return true;
    }
}

/// <summary><c>predict_linear</c>: the line's value so many seconds after the evaluation time.</summary>
internal readonly struct PredictLinearKernel(double[] seconds) : IRangeKernel
{
    /// <inheritdoc/>
    public static int MinLaneSamples => 2;

    /// <inheritdoc/>
    public static bool LanesHaveSameCount => true;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        value = 0;
        if (window.Count < 2) return false;
        var (slope, intercept) = LinearRegression.Fit(window, window.TimeMs);
        value = slope * seconds[window.Step] + intercept;
        return true;
    }

    /// <inheritdoc/>
    public bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var ahead = Vector256.Create<double>(seconds.AsSpan(windows.Step + index));
        var (slope, intercept) =
            LinearRegression.Fit(new SampleLanes(windows, index), windows.LaneTimes(index, windows.TimeMs));
        values = (slope * ahead) + intercept;
        return true;
    }
}
