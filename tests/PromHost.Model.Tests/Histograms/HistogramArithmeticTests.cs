using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramArithmeticTests
{
    private readonly HistogramWorkspace _workspace = new();

    [Fact]
    public void AddAndSubtract_LeaveOutEmptyBuckets()
    {
        var left = Exponential("0: 1 0 2", sum: 3, hint: CounterResetHint.NotCounterReset);
        var right = Exponential("0: -1 0 2", sum: 1, hint: CounterResetHint.CounterReset);
        var sum = HistogramArithmetic.Add(left, right, _workspace, out var conflicts)!;
        Positive(sum).Should().Be("2: 4");
        sum.CounterResetHint.Should().Be(CounterResetHint.Unknown);
        conflicts.Should().Be(HistogramConflicts.CounterResetHints);
        var difference = HistogramArithmetic.Subtract(left, right, _workspace, out conflicts)!;
        Positive(difference).Should().Be("0: 2");
        difference.CounterResetHint.Should().Be(CounterResetHint.Gauge);
        conflicts.Should().Be(HistogramConflicts.CounterResetHints);
        // The operands are as they were.
        (Positive(left), Positive(right)).Should().Be(("0: 1 0 2", "0: -1 0 2"));
        HistogramArithmetic.Add(left, Custom([1], "0: 1"), _workspace, out conflicts).Should().BeNull();
        conflicts.Should().Be(HistogramConflicts.Schemas);
        HistogramArithmetic.Subtract(left, Custom([1], "0: 1"), _workspace, out conflicts).Should().BeNull();
    }

    [Fact]
    public void Multiply_KeepsTheLayout()
    {
        var histogram = Exponential(
            "0: 1 0 | 5: 2", "1: 3", count: 7, sum: 9, zero: 1, threshold: 0.5, hint: CounterResetHint.CounterReset);
        var doubled = HistogramArithmetic.Multiply(histogram, 2);
        (doubled.Count, doubled.Sum, doubled.ZeroCount, doubled.ZeroThreshold).Should().Be((14, 18, 2, 0.5));
        (Positive(doubled), Negative(doubled)).Should().Be(("0: 2 0 | 5: 4", "1: 6"));
        doubled.CounterResetHint.Should().Be(CounterResetHint.CounterReset);
        var negated = HistogramArithmetic.Negate(histogram);
        Positive(negated).Should().Be("0: -1 -0 | 5: -2");
        negated.CounterResetHint.Should().Be(CounterResetHint.Gauge);
        HistogramArithmetic.Multiply(histogram, -0.0).CounterResetHint.Should().Be(CounterResetHint.CounterReset);
    }

    [Fact]
    public void Divide_ByZero_TakesTheBucketsAway()
    {
        var histogram = Exponential("0: 1 2", "1: 3", count: 7, sum: -9, zero: 0, threshold: 0.5);
        var result = HistogramArithmetic.Divide(histogram, 0);
        (result.Count, result.Sum).Should().Be((double.PositiveInfinity, double.NegativeInfinity));
        result.ZeroCount.Should().Be(double.NaN);
        (Positive(result), Negative(result)).Should().Be(("", ""));
        result.ZeroThreshold.Should().Be(0.5);
        result = HistogramArithmetic.Divide(histogram, -2);
        (Positive(result), Negative(result)).Should().Be(("0: -0.5 -1", "1: -1.5"));
        result.CounterResetHint.Should().Be(CounterResetHint.Gauge);
        HistogramArithmetic.Divide(histogram, -0.0).CounterResetHint.Should().Be(CounterResetHint.Unknown);
    }

    [Theory]
    [InlineData("0: 1 2 3", 0, "0: 1 2 3")]
    [InlineData("0: 0 1 0 0 2 0", 0, "1: 1 | 4: 2")]
    [InlineData("0: 0 1 0 0 2 0", 1, "1: 1 | 4: 2")]
    [InlineData("0: 0 1 0 0 2 0", 2, "1: 1 0 0 2")]
    [InlineData("0: 1 | 1: 2 | 4: 3", 0, "0: 1 2 | 4: 3")]
    [InlineData("0: 1 | 1: 2 | 4: 3", 2, "0: 1 2 0 0 3")]
    [InlineData("0: 1 0 | 3: 0 3", 2, "0: 1 | 4: 3")]
    [InlineData("0: 1 0 | 3: 0 3", 3, "0: 1 0 0 0 3")]
    [InlineData("0: 1 | 4: | 9: 2", 0, "0: 1 | 9: 2")]
    [InlineData("-5: 0 -0 | 7: 0", 0, "")]
    [InlineData("-5: 0 | 7: NaN 0", 0, "7: NaN")]
    public void Compact_LeavesOutEmptyBuckets(string side, int maxEmptyBuckets, string expected)
    {
        Positive(HistogramArithmetic.Compact(Exponential(side), _workspace, maxEmptyBuckets)).Should().Be(expected);
        Negative(HistogramArithmetic.Compact(Exponential("", side), _workspace, maxEmptyBuckets))
            .Should().Be(expected);
    }

    [Fact]
    public void Compact_GivesTheSameObject_WhenNothingIsEmpty()
    {
        var histogram = Exponential("0: 1 | 4: 2", "-1: 4");
        HistogramArithmetic.Compact(histogram, _workspace).Should().BeSameAs(histogram);
        HistogramArithmetic.LowerSchema(histogram, 0, _workspace).Should().BeSameAs(histogram);
    }

    // Index 1 to 2^n of a schema make index 1 of the one n below; 0 and what lies before are rounded the same way.
    [Theory]
    [InlineData(3, 2, "-3: 1 2 4 8 16 32 64", "-1: 3 12 48 64")]
    [InlineData(3, 1, "-3: 1 2 4 8 16 32 64", "0: 15 112")]
    [InlineData(3, -4, "-3: 1 2 4 8 16 32 64", "0: 15 112")]
    [InlineData(0, -1, "1: 1 | 3: 0 4 | 9: 1", "1: 1 4 | 5: 1")]
    [InlineData(0, -1, "1: 1 | 2: 2 | 3: 4", "1: 3 4")]
    public void LowerSchema_MergesBuckets(int from, int to, string side, string expected)
    {
        var lowered = HistogramArithmetic.LowerSchema(Exponential(side, side, schema: from), to, _workspace);
        (Positive(lowered), Negative(lowered), lowered.Schema).Should().Be((expected, expected, to));
    }
}
