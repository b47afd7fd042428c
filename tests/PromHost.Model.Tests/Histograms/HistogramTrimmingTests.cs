using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramTrimmingTests
{
    private readonly HistogramWorkspace _workspace = new();

    [Fact]
    public void KeepBelowAndAbove_DivideABucketOnALogarithmicScale()
    {
        // (1, 2] and (2, 4]; the square root of 8 is in the middle of the second.
        var histogram = Exponential("1: 4 8", count: 12, sum: 30, hint: CounterResetHint.NotCounterReset);
        var below = HistogramTrimming.KeepBelow(histogram, Math.Sqrt(8), _workspace);
        below.PositiveCounts.Span[1].Should().BeApproximately(4, 1e-12);
        below.Count.Should().BeApproximately(8, 1e-12);
        below.Sum.Should().BeApproximately(4 * Math.Sqrt(2) + 4 * Math.Sqrt(2 * Math.Sqrt(8)), 1e-12);
        below.CounterResetHint.Should().Be(CounterResetHint.NotCounterReset);
        var above = HistogramTrimming.KeepAbove(histogram, Math.Sqrt(8), _workspace);
        above.PositiveSpans.ToArray().Should().Equal(new HistogramSpan(2, 1));
        above.Count.Should().BeApproximately(4, 1e-12);
        above.Sum.Should().BeApproximately(4 * Math.Sqrt(4 * Math.Sqrt(8)), 1e-12);
    }

    [Fact]
    public void KeepBelowAndAbove_CutNegativeBucketsToo()
    {
        // [-4, -2) and [-2, -1), zero, (1, 2].
        var histogram = Exponential("1: 1", "1: 2 4", count: 8, sum: -9, zero: 1, threshold: 0.5);
        var below = HistogramTrimming.KeepBelow(histogram, -2, _workspace);
        (Positive(below), Negative(below), below.ZeroCount, below.Count).Should().Be(("", "2: 4", 0, 4));
        below.Sum.Should().BeApproximately(-4 * Math.Sqrt(8), 1e-12);
        var above = HistogramTrimming.KeepAbove(histogram, -2, _workspace);
        (Positive(above), Negative(above), above.ZeroCount, above.Count).Should().Be(("1: 1", "1: 2", 1, 4));
        above.Sum.Should().BeApproximately(-Math.Sqrt(2), 1e-12);
    }

    [Fact]
    public void KeepBelowAndAbove_GiveTheSameObject_WhenNothingIsCutOff()
    {
        var histogram = Exponential("1: 1 0", "1: 2 4", count: 99, sum: -9, zero: 1, threshold: 0.5);
        HistogramTrimming.KeepBelow(histogram, 2, _workspace).Should().BeSameAs(histogram);
        HistogramTrimming.KeepAbove(histogram, -4, _workspace).Should().BeSameAs(histogram);
        HistogramTrimming.KeepAbove(histogram, double.NegativeInfinity, _workspace).Should().BeSameAs(histogram);
        HistogramTrimming.KeepBelow(histogram, double.PositiveInfinity, _workspace).Should().BeSameAs(histogram);
    }

    [Theory]
    [InlineData("1: 1", "1: 1", 0.25, 3, 1)] // zero bucket from -0.5 to 0.5
    [InlineData("1: 1", "", 0.25, 2, 2)] // from 0 to 0.5
    [InlineData("", "1: 1", -0.25, 2, 2)] // from -0.5 to 0
    public void KeepBelow_DividesTheZeroBucketEvenly(
        string positive, string negative, double value, double below, double above)
    {
        var histogram = Exponential(positive, negative, count: 9, zero: 4, threshold: 0.5);
        HistogramTrimming.KeepBelow(histogram, value, _workspace).ZeroCount.Should().Be(below);
        HistogramTrimming.KeepAbove(histogram, value, _workspace).ZeroCount.Should().Be(above);
    }

    [Fact]
    public void KeepBelow_EstimatesTheSumOfTheZeroBucket()
    {
        var histogram = Exponential("1: 1", count: 5, zero: 4, threshold: 0.5, sum: 77);
        var below = HistogramTrimming.KeepBelow(histogram, 0.25, _workspace);
        (below.Count, below.Sum).Should().Be((2, 2 * 0.125));
        var above = HistogramTrimming.KeepAbove(histogram, 0.25, _workspace);
        above.Count.Should().Be(3);
        above.Sum.Should().BeApproximately(Math.Sqrt(2) + 2 * 0.375, 1e-15);
    }

    [Fact]
    public void KeepBelowAndAbove_DivideCustomBucketsEvenly()
    {
        var histogram = Custom([5, 10, 15], "0: 10 20 40 80", count: 150, sum: 999);
        var below = HistogramTrimming.KeepBelow(histogram, 7.5, _workspace);
        (Positive(below), below.Count, below.Sum).Should().Be(("0: 10 10", 20, 10 * 2.5 + 10 * 6.25));
        var above = HistogramTrimming.KeepAbove(histogram, 7.5, _workspace);
        (Positive(above), above.Count, above.Sum).Should().Be(("1: 10 40 80", 130, 10 * 8.75 + 40 * 12.5 + 80 * 15));
        below.CustomBounds.ToArray().Should().Equal(5, 10, 15);
    }

    [Fact]
    public void KeepBelowAndAbove_KnowCustomBucketsWithoutEnds()
    {
        var histogram = Custom([5, 10], "0: 10 20 40", count: 70, sum: 999);
        var below = HistogramTrimming.KeepBelow(histogram, 2.5, _workspace);
        (Positive(below), below.Sum).Should().Be(("0: 5", 5 * 1.25), "the lowest bucket is taken to begin at 0");
        var above = HistogramTrimming.KeepAbove(histogram, 2.5, _workspace);
        (Positive(above), above.Sum).Should().Be(("0: 5 20 40", 5 * 3.75 + 20 * 7.5 + 40 * 10));
        Positive(HistogramTrimming.KeepBelow(histogram, -1, _workspace)).Should().Be("");
        Positive(HistogramTrimming.KeepAbove(histogram, -1, _workspace)).Should().Be("1: 20 40");
        Positive(HistogramTrimming.KeepBelow(histogram, 12, _workspace)).Should().Be("0: 10 20");
        above = HistogramTrimming.KeepAbove(histogram, 12, _workspace);
        (Positive(above), above.Sum).Should().Be(("2: 40", 40 * 12));
        var negative = Custom([-5, 10], "0: 10 20", count: 30, sum: 999);
        below = HistogramTrimming.KeepBelow(negative, -7, _workspace);
        (Positive(below), below.Sum).Should().Be(("0: 10", -70));
        Positive(HistogramTrimming.KeepAbove(negative, -7, _workspace)).Should().Be("1: 20");
    }

    [Fact]
    public void KeepBelow_DropsEverything_WhenTheValueIsNaN()
    {
        var nothing = HistogramTrimming.KeepBelow(Exponential("1: 2", count: 2, sum: 3), double.NaN, _workspace);
        (Positive(nothing), nothing.Count, nothing.Sum).Should().Be(("", 0, 0));
        HistogramTrimming.KeepAbove(Exponential(zero: 2, count: 2), double.NaN, _workspace).Count
            .Should().Be(double.NaN);
    }
}
