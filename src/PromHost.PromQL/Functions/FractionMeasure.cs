using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>The share of the observations between two scalars.</summary>
internal sealed class FractionMeasure(ScalarOperator lower, ScalarOperator upper) : IHistogramMeasure
{
    private double[] _lower = [];
    private double[] _upper = [];

    public void Evaluate(StepGrid grid)
    {
        _lower = new double[grid.Count];
        lower.Evaluate(_lower);
        _upper = new double[grid.Count];
        upper.Evaluate(_upper);
    }

    public IEnumerable<Labels> Label(Labels histogram) => [histogram];

    public bool IsAsked(int variant, int step) => true;

    public double Measure(ref ClassicBuckets buckets, int step) => buckets.Fraction(_lower[step], _upper[step]);

    public double Measure(NativeHistogram histogram, int step, out string? info)
    {
        var value = HistogramEstimates.Fraction(histogram, _lower[step], _upper[step], out var effect);
        info = effect == HistogramNaNEffect.None
            ? null
            : "input to histogram_fraction has NaN observations, which are excluded from all fractions";
        return value;
    }

    public void Dispose()
    {
        lower.Dispose();
        upper.Dispose();
    }
}
