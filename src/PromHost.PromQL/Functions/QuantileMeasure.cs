using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A quantile; with a label, a result says in it which quantile it is.</summary>
internal sealed class QuantileMeasure(
    QueryContext context, ScalarOperator quantile, Expression argument, PositionRange node, byte[]? label)
    : IHistogramMeasure
{
    private double[] _quantiles = [];
    private double[] _variants = [];

    public void Evaluate(StepGrid grid)
    {
        _quantiles = new double[grid.Count];
        quantile.Evaluate(_quantiles);
        _variants = [.. _quantiles.Distinct()];
        foreach (var value in _variants)
        {
            if (!(value is >= 0 and <= 1))
                context.WarnInvalidQuantile(value, argument.WithoutParentheses().Position, node);
        }
    }

    public IEnumerable<Labels> Label(Labels histogram)
    {
        if (label is null) return [histogram];
        var builder = new LabelsBuilder();
        return _variants.Select(value =>
            builder.Reset(histogram).Set(label, Encoding.UTF8.GetBytes(OpenMetricsText(value))).ToLabels());
    }

    // double.Equals takes NaN for equal to NaN.
    public bool IsAsked(int variant, int step) => label is null || _quantiles[step].Equals(_variants[variant]);

    public double Measure(ref ClassicBuckets buckets, int step) => buckets.Quantile(_quantiles[step]);

    public double Measure(NativeHistogram histogram, int step, out string? info)
    {
        var value = HistogramEstimates.Quantile(histogram, _quantiles[step], out var effect);
        info = effect switch
        {
            HistogramNaNEffect.Skewed => "input to histogram_quantile has NaN observations, result is skewed higher",
            HistogramNaNEffect.NoResult => "input to histogram_quantile has NaN observations, result is NaN",
            _ => null,
        };
        return value;
    }

    public void Dispose() => quantile.Dispose();

    private static string OpenMetricsText(double value)
    {
        if (value == 0) return "0.0";
        var text = GoFloat.FormatGeneral(value);
        return double.IsFinite(value) && text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
    }
}
