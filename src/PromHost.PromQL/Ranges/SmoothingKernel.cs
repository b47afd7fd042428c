// Hot path.
namespace PromHost.PromQL;

/// <summary><c>double_exponential_smoothing</c></summary>
/// <param name="smoothing">The smoothing factor per step, between 0 and 1.</param>
/// <param name="trend">The trend factor per step, between 0 and 1.</param>
internal readonly struct SmoothingKernel(double[] smoothing, double[] trend) : IRangeKernel
{
    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        var sf = smoothing[window.Step];
        var tf = trend[window.Step];
        if (!(sf > 0 && sf < 1) && !double.IsNaN(sf)) throw Invalid("smoothing", "sf", sf);
        if (!(tf > 0 && tf < 1) && !double.IsNaN(tf)) throw Invalid("trend", "tf", tf);
        value = 0;
        var values = window.WindowValues;
        if (values.Length < 2) return false;
        double before = 0, smoothed = values[0], slope = values[1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            var scaled = sf * values[i];
            if (i > 1) slope = tf * (smoothed - before) + (1 - tf) * slope;
            var carried = (1 - sf) * (smoothed + slope);
            before = smoothed;
            smoothed = scaled + carried;
        }

        value = smoothed;
        return true;
    }

    private static QueryException Invalid(string what, string name, double value)
    {
        var text = double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf"
            : value.ToString("F6", System.Globalization.CultureInfo.InvariantCulture);
        return new QueryException(QueryErrorKind.Execution,
            $"invalid {what} factor. Expected: 0 < {name} < 1, got: {text}");
    }
}
