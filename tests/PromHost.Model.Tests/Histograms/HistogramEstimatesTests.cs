using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramEstimatesTests
{
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData(-0.1, double.NegativeInfinity)]
    [InlineData(1.1, double.PositiveInfinity)]
    [InlineData(0, 1)]
    [InlineData(0.25, 1.4142135623730951)]
    [InlineData(0.5, 2)]
    [InlineData(0.75, 2.8284271247461903)]
    [InlineData(1, 4)]
    public void Quantile_LiesOnALogarithmicScale(double quantile, double expected) =>
        Quantile(Exponential("1: 2 2", count: 4, sum: 8), quantile).Should().BeApproximately(expected, Tolerance);

    [Theory]
    [InlineData(0.25, -2.8284271247461903)]
    [InlineData(0.5, -2)]
    [InlineData(0.75, -1.4142135623730951)]
    public void Quantile_OfNegativeBuckets_IsMirrored(double quantile, double expected) =>
        Quantile(Exponential("", "1: 2 2", count: 4, sum: -8), quantile)
            .Should().BeApproximately(expected, Tolerance);

    [Theory]
    [InlineData("1: 0 5", "", 0.25, 0.25)]
    [InlineData("", "1: 0 5", 0.75, -0.25)]
    [InlineData("1: 5", "1: 5", 0.5, 0)]
    [InlineData("", "", 0.25, -0.25)]
    public void Quantile_InTheZeroBucket_IsLinear(string positive, string negative, double quantile, double expected)
    {
        var histogram = Exponential(
            positive, negative, zero: 5, threshold: 0.5, sum: 1,
            count: 5 + (positive.Length > 0 ? 5 : 0) + (negative.Length > 0 ? 5 : 0));
        Quantile(histogram, quantile).Should().BeApproximately(expected, Tolerance);
    }

    [Fact]
    public void Quantile_OfCustomBuckets_IsLinear()
    {
        var histogram = Custom([2, 4, 6], "0: 2 2 2 2", count: 8, sum: 9);
        Quantile(histogram, 0.125).Should().BeApproximately(1, Tolerance, "the lowest bucket begins at 0");
        Quantile(histogram, 0.375).Should().BeApproximately(3, Tolerance);
        Quantile(histogram, 0.9).Should().Be(6, "the highest bucket has no end");
        Quantile(Custom([-3, 4], "0: 2 2", count: 4), 0.1).Should().Be(-3, "the lowest bucket has no beginning");
    }

    [Fact]
    public void QuantileAndFraction_AreNaN_WhenAskedForNaN()
    {
        var histogram = Exponential("1: 2 2", count: 4, sum: 8);
        Quantile(histogram, double.NaN).Should().Be(double.NaN);
        Fraction(histogram, double.NaN, 2).Should().Be(double.NaN);
        Fraction(histogram, 1, double.NaN).Should().Be(double.NaN);
        Fraction(Exponential(), 1, 2).Should().Be(double.NaN);
    }

    [Fact]
    public void Quantile_KnowsNaNs()
    {
        Quantile(Exponential(), 0.5).Should().Be(double.NaN);
        // Four observations in the bucket (0.5, 1], one NaN.
        var histogram = Exponential("0: 4", count: 5, sum: double.NaN);
        HistogramEstimates.Quantile(histogram, 0.8, out var effect).Should().BeApproximately(1, Tolerance);
        effect.Should().Be(HistogramNaNEffect.Skewed);
        HistogramEstimates.Quantile(histogram, 0.81, out effect).Should().Be(double.NaN);
        effect.Should().Be(HistogramNaNEffect.NoResult);
        HistogramEstimates.Quantile(histogram, 0.4, out _).Should().BeApproximately(0.7071067811865475, Tolerance);
        // +Inf and -Inf were observed: no NaN among the observations.
        HistogramEstimates.Quantile(Exponential("0: 4", count: 4, sum: double.NaN), 0.8, out effect);
        effect.Should().Be(HistogramNaNEffect.None);
        // As Prometheus 3.14: the rank in the first bucket, interpolated in the last one.
        HistogramEstimates.Quantile(Exponential("1: 4 4", count: 9, sum: double.NaN), 2.0 / 9, out effect)
            .Should().BeApproximately(2.8284271247461903, Tolerance);
        effect.Should().Be(HistogramNaNEffect.Skewed);
    }

    [Fact]
    public void Quantile_EndsAtTheLastBucket_WhenBucketsAreMissing() =>
        Quantile(Exponential("1: 2 2", count: 9, sum: 1), 0.49).Should().Be(4);

    [Theory]
    [InlineData(double.NegativeInfinity, double.PositiveInfinity, 1)]
    [InlineData(0, 2, 0.5)]
    [InlineData(1.4142135623730951, 2.8284271247461903, 0.5)]
    [InlineData(3, 2, 0)]
    [InlineData(8, 9, 0)]
    [InlineData(-9, 1, 0)]
    public void Fraction_LiesOnALogarithmicScale(double lower, double upper, double expected) =>
        HistogramEstimates.Fraction(Exponential("1: 2 2", count: 4, sum: 8), lower, upper, out _)
            .Should().BeApproximately(expected, Tolerance);

    [Theory]
    [InlineData(-3, -1, 0.3962406251802891)]
    [InlineData(-1, 0, 0.25)]
    [InlineData(-0.25, 0.25, 0.25)]
    public void Fraction_KnowsNegativeAndZeroBuckets(double lower, double upper, double expected)
    {
        // [-4,-2): 2, [-2,-1): 2, zero: 4.
        var both = Exponential("5: 0 0", "1: 2 2", count: 8, zero: 4, threshold: 0.5, sum: -3);
        HistogramEstimates.Fraction(both, lower, upper, out _).Should().BeApproximately(expected, Tolerance);
    }

    [Fact]
    public void Fraction_OfCustomBuckets_IsLinear()
    {
        var histogram = Custom([-2, 4, 6], "0: 2 3 2 2", count: 9, sum: 9);
        Fraction(histogram, double.NegativeInfinity, -5).Should().BeApproximately(2.0 / 9, Tolerance);
        Fraction(histogram, 1, 5).Should().BeApproximately(3.25 / 9, Tolerance, "a bucket around 0 begins at 0");
        Fraction(histogram, 5, 99).Should().BeApproximately(1.0 / 9, Tolerance, "the highest bucket has no end");
        Fraction(histogram, 4, double.PositiveInfinity).Should().BeApproximately(4.0 / 9, Tolerance);
    }

    [Fact]
    public void Fraction_LeavesNaNsOut()
    {
        var histogram = Exponential("0: 4", count: 5, sum: double.NaN);
        HistogramEstimates.Fraction(histogram, double.NegativeInfinity, double.PositiveInfinity, out var effect)
            .Should().BeApproximately(0.8, Tolerance);
        effect.Should().Be(HistogramNaNEffect.Skewed);
        HistogramEstimates.Fraction(Exponential("0: 4", count: 5, sum: 1), 0, 8, out effect).Should().Be(1);
        effect.Should().Be(HistogramNaNEffect.None);
    }

    [Fact]
    public void Variance_TakesTheMiddleOfBuckets()
    {
        // Middles sqrt(2) and -sqrt(8), the zero bucket at 0; mean 1.
        var histogram = Exponential("1: 1", "2: 2", count: 4, zero: 1, threshold: 0.5, sum: 4);
        var expected = (Math.Pow(Math.Sqrt(2) - 1, 2) + 2 * Math.Pow(-Math.Sqrt(8) - 1, 2) + 1) / 4;
        HistogramEstimates.Variance(histogram).Should().BeApproximately(expected, Tolerance);
        HistogramEstimates.StandardDeviation(histogram).Should().BeApproximately(Math.Sqrt(expected), Tolerance);
        HistogramEstimates.Average(histogram).Should().Be(1);
        HistogramEstimates.Variance(Custom([1, 3, 5], "1: 2 2", count: 4, sum: 12)).Should().Be(1);
        HistogramEstimates.Variance(Exponential()).Should().Be(double.NaN);
    }

    private static double Quantile(NativeHistogram histogram, double quantile) =>
        HistogramEstimates.Quantile(histogram, quantile, out _);

    private static double Fraction(NativeHistogram histogram, double lower, double upper) =>
        HistogramEstimates.Fraction(histogram, lower, upper, out _);
}
