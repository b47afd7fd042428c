using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramAccumulatorTests
{
    [Fact]
    public void Add_AddsEverything()
    {
        var sum = Load(Exponential("0: 1 2", "3: 4", count: 8, sum: 2.5, zero: 1, threshold: 0.1));
        sum.Add(Exponential("0: 10 20", "3: 40", count: 80, sum: -1, zero: 10, threshold: 0.1))
            .Should().Be(HistogramConflicts.None);
        var result = sum.ToHistogram();
        (result.Count, result.Sum, result.ZeroCount, result.ZeroThreshold).Should().Be((88, 1.5, 11, 0.1));
        Positive(result).Should().Be("0: 11 22");
        Negative(result).Should().Be("3: 44");
    }

    // A new bucket joins the span before it, else the one behind it, else it is a span of its own.
    [Theory]
    [InlineData("5: 1 2", "0: 7", "0: 7 | 5: 1 2")]
    [InlineData("5: 1 2", "4: 7", "4: 7 1 2")]
    [InlineData("5: 1 2", "3: 6 7", "3: 6 7 | 5: 1 2")]
    [InlineData("5: 1 2", "7: 7", "5: 1 2 7")]
    [InlineData("5: 1 2", "9: 7", "5: 1 2 | 9: 7")]
    [InlineData("0: 1 | 2: 1", "1: 7", "0: 1 7 | 2: 1")]
    [InlineData("0: 1 | 4: 1", "3: 7", "0: 1 | 3: 7 1")]
    [InlineData("0: 1 | 4: 1", "2: 7", "0: 1 | 2: 7 | 4: 1")]
    [InlineData("0: 1 | 4: 1", "0: 1 1 1 1 1 1", "0: 2 1 1 1 | 4: 2 1")]
    [InlineData("0: 1 | 1: 1", "0: 7 7", "0: 8 | 1: 8")]
    [InlineData("", "-3: 1 | 5: 2 3", "-3: 1 | 5: 2 3")]
    [InlineData("0: 1", "", "0: 1")]
    [InlineData("0: 1 0 0 1", "2: 0", "0: 1 0 0 1")]
    public void Add_CutsSpansAsPrometheusDoes(string left, string right, string expected)
    {
        var sum = Load(Exponential(left));
        sum.Add(Exponential(right));
        Positive(sum.ToHistogram()).Should().Be(expected);
        sum = Load(Exponential("", left));
        sum.AddCompensated(Exponential("", right));
        sum.EndCompensation();
        Negative(sum.ToHistogram()).Should().Be(expected);
    }

    [Fact]
    public void Subtract_NegatesNewBuckets()
    {
        var difference = Load(Exponential("0: 5", count: 5, sum: 9, zero: 1));
        difference.Subtract(Exponential("0: 2 | 4: 3", count: 6, sum: 1, zero: 1));
        var result = difference.ToHistogram();
        (result.Count, result.Sum, result.ZeroCount).Should().Be((-1, 8, 0));
        Positive(result).Should().Be("0: 3 | 4: -3");
    }

    [Fact]
    public void Add_LowersTheSchemaOfTheFinerOne()
    {
        // Buckets 1 and 2 of schema 1 are bucket 1 of schema 0; buckets -1 and 0 are bucket 0.
        var fine = Exponential("-1: 1 2 4 8 16", schema: 1);
        var coarse = Exponential("0: 100 200", schema: 0);
        var sum = Load(fine);
        sum.Add(coarse);
        Positive(sum.ToHistogram()).Should().Be("0: 103 212 16");
        sum.Schema.Should().Be(0);
        sum = Load(coarse);
        sum.Add(fine);
        Positive(sum.ToHistogram()).Should().Be("0: 103 212 16");
        sum = Load(coarse);
        sum.AddCompensated(fine);
        sum.EndCompensation();
        Positive(sum.ToHistogram()).Should().Be("0: 103 212 16");
    }

    [Fact]
    public void Add_TakesTheLargerZeroBucket()
    {
        // Bucket -1 of schema 0 is (0.25, 0.5], bucket 0 is (0.5, 1].
        var small = Exponential("-1: 1 2 4", "-1: 8 16", count: 32, zero: 1, threshold: 0.25);
        var large = Exponential("1: 100", count: 110, zero: 10, threshold: 1);
        foreach (var (left, right) in new[] { (small, large), (large, small) })
        {
            var sum = Load(left);
            sum.Add(right);
            var result = sum.ToHistogram();
            (result.ZeroThreshold, result.ZeroCount).Should().Be((1, 10 + 1 + 1 + 2 + 8 + 16));
            Positive(result).Should().Be("1: 104");
            Negative(result).Should().Be("");
        }
    }

    [Fact]
    public void Add_MovesTheZeroBucketOut_WhenItEndsInABucket()
    {
        // 0.7 is in bucket 0 of both sides; the negative one is empty, and then bucket 1 = (1, 2] is cut by nothing.
        var cut = Load(Exponential("0: 1 2", "0: 0 5", zero: 1, threshold: 0.1));
        cut.Add(Exponential("", zero: 3, threshold: 0.7));
        var result = cut.ToHistogram();
        (result.ZeroThreshold, result.ZeroCount).Should().Be((1, 5));
        Positive(result).Should().Be("1: 2");
        Negative(result).Should().Be("1: 5");

        // The threshold of the other one moves out, then that of the sum has to follow.
        cut = Load(Exponential("0: 1 2", zero: 1, threshold: 0.7));
        cut.Add(Exponential("", "-3: 1 1 1 1 1", zero: 3, threshold: 0.1));
        result = cut.ToHistogram();
        (result.ZeroThreshold, result.ZeroCount).Should().Be((1, 1 + 1 + 3 + 4));
        Positive(result).Should().Be("1: 2");
        Negative(result).Should().Be("1: 1");
    }

    [Fact]
    public void Add_KeepsTheThreshold_WhenItEndsInAnEmptyBucket()
    {
        var sum = Load(Exponential("0: 0 2", zero: 1, threshold: 0.1));
        sum.Add(Exponential("", zero: 3, threshold: 0.7));
        var result = sum.ToHistogram();
        (result.ZeroThreshold, result.ZeroCount).Should().Be((0.7, 4));
        Positive(result).Should().Be("1: 2");
    }

    [Fact]
    public void Add_IgnoresBucketsWithinTheZeroBucket()
    {
        // Such a histogram contradicts itself; Prometheus leaves those buckets out when it adds.
        var sum = Load(Exponential("1: 2", threshold: 1));
        sum.Add(Exponential("-1: 5 6 7", threshold: 1));
        Positive(sum.ToHistogram()).Should().Be("1: 9");
        sum = Load(Exponential("-1: 1 1 1", threshold: 1));
        sum.Add(Exponential("-1: 5 6 7", threshold: 1));
        Positive(sum.ToHistogram()).Should().Be("-1: 1 1 8");
        sum.AddCompensated(Exponential("-1: 5 6 7", threshold: 1));
        sum.EndCompensation();
        Positive(sum.ToHistogram()).Should().Be("-1: 1 1 15");
    }

    [Fact]
    public void Add_EndsWithNaNThresholds()
    {
        var sum = Load(Exponential("1: 2", threshold: double.NaN));
        sum.Add(Exponential("1: 2", threshold: 1));
        Positive(sum.ToHistogram()).Should().Be("1: 4");
    }

    [Theory]
    [InlineData(CounterResetHint.Unknown, CounterResetHint.Unknown, CounterResetHint.Unknown)]
    [InlineData(CounterResetHint.Unknown, CounterResetHint.CounterReset, CounterResetHint.Unknown)]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.CounterReset, CounterResetHint.CounterReset)]
    [InlineData(CounterResetHint.CounterReset, CounterResetHint.NotCounterReset, CounterResetHint.Unknown, true)]
    [InlineData(CounterResetHint.Gauge, CounterResetHint.NotCounterReset, CounterResetHint.Gauge)]
    [InlineData(CounterResetHint.Gauge, CounterResetHint.Unknown, CounterResetHint.Gauge)]
    public void Add_ReconcilesHints(
        CounterResetHint left, CounterResetHint right, CounterResetHint expected, bool isConflict = false)
    {
        foreach (var (a, b) in new[] { (left, right), (right, left) })
        {
            var sum = Load(Exponential(hint: a));
            sum.Add(Exponential(hint: b)).HasFlag(HistogramConflicts.CounterResetHints).Should().Be(isConflict);
            sum.CounterResetHint.Should().Be(expected);
        }
    }

    [Fact]
    public void Add_ChangesNothing_WhenSchemasDoNotMix()
    {
        var sum = Load(Custom([1, 2], "0: 1 2 3", count: 6));
        sum.Add(Exponential("0: 1", count: 1, hint: CounterResetHint.Gauge)).Should().Be(HistogramConflicts.Schemas);
        HistogramIdentity.AreEqual(sum.ToHistogram(), Custom([1, 2], "0: 1 2 3", count: 6)).Should().BeTrue();
        sum.CounterResetHint.Should().Be(CounterResetHint.Unknown);
        sum = Load(Exponential("0: 1"));
        sum.Subtract(Custom([1], "0: 1")).Should().Be(HistogramConflicts.Schemas);
        sum.AddCompensated(Custom([1], "0: 1")).Should().Be(HistogramConflicts.Schemas);
    }

    [Fact]
    public void Add_MapsCustomBucketsToCommonBounds()
    {
        var left = Custom([1, 2, 5, 10], "0: 1 2 | 3: 4 8", count: 15);
        var right = Custom([2, 3, 5], "0: 16 32 64 128", count: 240);
        var sum = Load(left);
        sum.Add(right).Should().Be(HistogramConflicts.CustomBounds);
        var result = sum.ToHistogram();
        result.CustomBounds.ToArray().Should().Equal(2, 5);
        Positive(result).Should().Be("0: 19 96 140");
        sum = Load(right);
        sum.Subtract(left).Should().Be(HistogramConflicts.CustomBounds);
        Positive(sum.ToHistogram()).Should().Be("0: 13 96 116");
        sum = Load(left);
        sum.AddCompensated(right);
        sum.EndCompensation();
        Positive(sum.ToHistogram()).Should().Be("0: 19 96 140");
    }

    [Fact]
    public void Add_LeavesOneBucket_WhenNoBoundIsCommon()
    {
        var sum = Load(Custom([1, 3], "0: 1 2 | 2: 4"));
        sum.Subtract(Custom([2], "0: 7 1"));
        sum.ToHistogram().CustomBounds.Length.Should().Be(0);
        Positive(sum.ToHistogram()).Should().Be("0: -1");
        sum.Subtract(Custom([2], "0: -1"));
        Positive(sum.ToHistogram()).Should().Be("");
    }

    [Fact]
    public void AddCompensated_KeepsWhatRoundingTakes()
    {
        var large = Exponential("0: 1e100 1", "0: 1e100", count: 1e100, sum: 1e100, zero: 1e100);
        var one = Exponential("0: 1 1", "0: 1", count: 1, sum: 1, zero: 1);
        var sum = Load(one);
        foreach (var histogram in new[] { large, one, HistogramArithmetic.Negate(large) })
            sum.AddCompensated(histogram);
        sum.EndCompensation();
        var result = sum.ToHistogram();
        (result.Count, result.Sum, result.ZeroCount).Should().Be((2, 2, 2));
        Positive(result).Should().Be("0: 2 2");
        Negative(result).Should().Be("0: 2");
    }

    [Fact]
    public void AddCompensated_KeepsWhatRoundingTakes_WhenLayoutsChange()
    {
        var sum = Load(Exponential("1: 1 1", schema: 1));
        sum.AddCompensated(Exponential("1: 1e100", schema: 1));
        sum.AddCompensated(Exponential("3: 1", schema: 1));
        // Both buckets of the finer schema are one now, and what rounding took from them stays.
        sum.AddCompensated(Exponential("1: 1", schema: 0));
        sum.AddCompensated(Exponential("1: -1e100 | 7: 3", schema: 0));
        // The zero bucket takes bucket 1 in.
        sum.AddCompensated(Exponential(zero: 5, threshold: 2));
        sum.EndCompensation();
        Positive(sum.ToHistogram()).Should().Be("2: 1 | 7: 3");
        sum.ToHistogram().ZeroCount.Should().Be(8);
    }

    [Fact]
    public void Add_AllocatesNothing_WhenTheLayoutFits()
    {
        var histogram = Exponential("0: 1 2 3 4 5 | 9: 1", "0: 1 2 3", count: 1, zero: 1, threshold: 1e-128);
        var sum = Load(histogram);
        sum.AddCompensated(histogram);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) sum.AddCompensated(histogram);
        sum.EndCompensation();
        for (var i = 0; i < 100; i++) sum.Add(histogram);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        Positive(sum.ToHistogram()).Should().StartWith("0: 202 404");
    }

    [Fact]
    public void Load_ForgetsWhatWasBefore()
    {
        var sum = Load(Exponential("0: 1e100", "0: 1", count: 9, zero: 3, threshold: 1));
        sum.AddCompensated(Exponential("0: 1", "0: 1", threshold: 1));
        sum.Load(Custom([1], "0: 1 2", count: 3));
        sum.Add(Custom([1], "0: 1 2", count: 3));
        HistogramIdentity.AreEqual(sum.ToHistogram(), Custom([1], "0: 2 4", count: 6)).Should().BeTrue();
    }

    [Fact]
    public void LowerSchema_ForgetsTheHintAndRefusesTheImpossible()
    {
        var fine = Load(Exponential("1: 1 2 | 8: 3", schema: 2, hint: CounterResetHint.Gauge));
        fine.LowerSchema(2);
        fine.CounterResetHint.Should().Be(CounterResetHint.Gauge);
        fine.LowerSchema(0);
        fine.CounterResetHint.Should().Be(CounterResetHint.Unknown);
        Positive(fine.ToHistogram()).Should().Be("1: 3 3");
        fine.Invoking(f => f.LowerSchema(1)).Should().Throw<ArgumentOutOfRangeException>();
        Load(Custom([1], "0: 1")).Invoking(f => f.LowerSchema(0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void HasInfinity_LooksEverywhere()
    {
        Load(Exponential("0: 1", "0: 1")).HasInfinity.Should().BeFalse();
        Load(Exponential("0: 1", "0: 1 Infinity")).HasInfinity.Should().BeTrue();
        Load(Exponential(sum: double.NegativeInfinity)).HasInfinity.Should().BeTrue();
        Load(Custom([double.NegativeInfinity, 1], "0: 1")).HasInfinity.Should().BeTrue();
    }

    private static HistogramAccumulator Load(NativeHistogram histogram)
    {
        var accumulator = new HistogramAccumulator(new HistogramWorkspace());
        accumulator.Load(histogram);
        return accumulator;
    }
}
