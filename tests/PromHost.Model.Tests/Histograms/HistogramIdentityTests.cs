using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramIdentityTests
{
    [Theory]
    [InlineData("0: 1 2", "0: 1 2", true)]
    [InlineData("0: 1 2", "0: 1 3", false)]
    [InlineData("0: 1 2", "1: 1 2", false)]
    [InlineData("0: 1 2", "0: 1 2 0", false)]
    [InlineData("0: 1 2", "0: 1 | 1: 2", false)]
    [InlineData("0: 1 | 5: 2", "0: 1 | 2: | 5: 2", true)]
    [InlineData("0: 1 | 5: 2", "-1: | 0: 1 | 2: | 3: | 5: 2 | 8:", true)]
    [InlineData("0: 1 | 5: 2", "0: 1 | 2: | 6: 2", false)]
    [InlineData("", "3: | 4:", true)]
    [InlineData("0: 0", "0: -0", false)]
    [InlineData("0: NaN", "0: NaN", true)]
    public void AreEqual_ComparesLayoutAndBits(string left, string right, bool expected)
    {
        AreEqual(Exponential(left), Exponential(right)).Should().Be(expected);
        AreEqual(Exponential(right), Exponential(left)).Should().Be(expected);
        AreEqual(Exponential("", left), Exponential("", right)).Should().Be(expected);
    }

    [Fact]
    public void AreEqual_ComparesAllNumbersButNotHints()
    {
        var histogram = Exponential("0: 1", count: 2, sum: 3, zero: 1, threshold: 0.5);
        AreEqual(histogram, histogram.WithHint(CounterResetHint.Gauge)).Should().BeTrue();
        AreEqual(histogram, Exponential("0: 1", count: 3, sum: 3, zero: 1, threshold: 0.5)).Should().BeFalse();
        AreEqual(histogram, Exponential("0: 1", count: 2, sum: 4, zero: 1, threshold: 0.5)).Should().BeFalse();
        AreEqual(histogram, Exponential("0: 1", count: 2, sum: 3, zero: 2, threshold: 0.5)).Should().BeFalse();
        AreEqual(histogram, Exponential("0: 1", count: 2, sum: 3, zero: 1, threshold: 0.6)).Should().BeFalse();
        AreEqual(histogram, Exponential("0: 1", count: 2, sum: 3, zero: 1, threshold: 0.5, schema: 1))
            .Should().BeFalse();
        AreEqual(Exponential(sum: double.NaN), Exponential(sum: double.NaN)).Should().BeTrue();
        AreEqual(Exponential(sum: double.NaN), Exponential(sum: StaleMarker.Value)).Should().BeFalse();
    }

    [Fact]
    public void AreEqual_ComparesCustomBounds()
    {
        AreEqual(Custom([1, 2], "0: 1"), Custom([1, 2], "0: 1")).Should().BeTrue();
        AreEqual(Custom([1, 2], "0: 1"), Custom([1, 3], "0: 1")).Should().BeFalse();
        AreEqual(Custom([1, 2], "0: 1"), Custom([1], "0: 1")).Should().BeFalse();
    }

    private static bool AreEqual(NativeHistogram left, NativeHistogram right) =>
        HistogramIdentity.AreEqual(left, right);
}
