using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class CounterResetDetectionTests
{
    [Theory]
    [InlineData("0: 1 2 3", "0: 1 2 3", false)]
    [InlineData("0: 1 2 3", "0: 1 2 4", true)]
    [InlineData("0: 9 9 9 9 9", "0: 9 9 9 9 8", false)]
    [InlineData("0: 9 9 9 9 8", "0: 9 9 9 9 9", true)]
    [InlineData("0: 1 2 3 | 9: 1", "0: 1 2 3", false)]
    [InlineData("0: 1 2 3", "0: 1 2 3 | 9: 1", true)]
    [InlineData("0: 1 2 3", "0: 1 2 3 | 9: 0", false)]
    [InlineData("0: 1 2 3", "0: 1 2 3 0 0 1", true)]
    [InlineData("5: 1", "0: 1 | 5: 1", true)]
    [InlineData("5: 1", "0: 0 | 5: 1", false)]
    [InlineData("0: 1 1 1 | 5: 1", "1: 1 | 5: 1", false)]
    [InlineData("", "0: 1", true)]
    [InlineData("0: 1", "", false)]
    [InlineData("0: NaN", "0: 1", false)]
    public void IsReset_ComparesBuckets(string current, string previous, bool expected)
    {
        IsReset(Exponential(current), Exponential(previous)).Should().Be(expected);
        IsReset(Exponential("", current), Exponential("", previous)).Should().Be(expected);
        IsReset(Exponential("0: 1", current), Exponential("0: 1", previous)).Should().Be(expected);
    }

    [Fact]
    public void IsReset_BelievesTheLaterHint()
    {
        var (large, small) = (Exponential(count: 2), Exponential(count: 1));
        IsReset(large.WithHint(CounterResetHint.CounterReset), small).Should().BeTrue();
        IsReset(small.WithHint(CounterResetHint.NotCounterReset), large).Should().BeFalse();
        IsReset(small.WithHint(CounterResetHint.Gauge), large).Should().BeTrue();
        IsReset(large.WithHint(CounterResetHint.Gauge), small).Should().BeFalse();
        IsReset(large, small.WithHint(CounterResetHint.CounterReset)).Should().BeFalse();
        IsReset(small, large).Should().BeTrue();
    }

    [Fact]
    public void IsReset_IgnoresTheSum() => IsReset(Exponential(sum: 1), Exponential(sum: 2)).Should().BeFalse();

    [Fact]
    public void IsReset_ReadsTheEarlierOneInALowerResolution()
    {
        var fine = Exponential("1: 1 2 | 5: 4", schema: 1);
        IsReset(Exponential("1: 3 0 4", schema: 0), fine).Should().BeFalse();
        IsReset(Exponential("1: 2 0 4", schema: 0), fine).Should().BeTrue();
        IsReset(Exponential("1: 3 9", schema: 0), fine).Should().BeTrue();
        IsReset(fine, Exponential("1: 3 0 4", schema: 0)).Should().BeTrue("resolution does not rise");
    }

    [Fact]
    public void IsReset_LetsTheZeroBucketGrow()
    {
        // Bucket 0 is (0.5, 1].
        var small = Exponential("0: 1 2", "0: 4", zero: 8, threshold: 0.5);
        IsReset(Exponential("1: 2", zero: 13, threshold: 1), small).Should().BeFalse();
        IsReset(Exponential("1: 2", zero: 12, threshold: 1), small).Should().BeTrue();
        IsReset(Exponential("1: 1", zero: 13, threshold: 1), small).Should().BeTrue();
        // Buckets within the zero bucket are not looked at.
        IsReset(Exponential("-1: 9 0 2", zero: 13, threshold: 1), small).Should().BeFalse();
        IsReset(Exponential("0: 1 2", "0: 4", zero: 9, threshold: 0.7), small).Should().BeTrue("0.7 cuts a bucket");
        IsReset(Exponential("0: 1 2", "0: 4", zero: 9, threshold: 0.4), small).Should().BeTrue("it got smaller");
        IsReset(Exponential("0: 1 2", "0: 4", zero: 7, threshold: 0.5), small).Should().BeTrue();
        IsReset(Exponential("0: 0 2", zero: 13, threshold: 0.7), Exponential("0: 0 2", zero: 8, threshold: 0.5))
            .Should().BeFalse("the bucket it cuts is empty");
    }

    [Fact]
    public void IsReset_ComparesCustomBucketsBetweenCommonBounds()
    {
        var previous = Custom([1, 2, 5], "0: 1 2 4 8");
        IsReset(Custom([1, 2, 5], "0: 1 2 4 8"), previous).Should().BeFalse();
        IsReset(Custom([1, 2, 5], "0: 1 2 4 7"), previous).Should().BeTrue();
        IsReset(Custom([2, 5, 10], "0: 3 4 7 1"), previous).Should().BeFalse();
        IsReset(Custom([2, 5, 10], "0: 3 3 7 9"), previous).Should().BeTrue();
        IsReset(Custom([2, 3, 5], "0: 3 1 3 8"), previous).Should().BeFalse();
        IsReset(Custom([3], "0: 14 1"), previous).Should().BeFalse("only +Inf is common");
        IsReset(Custom([3], "0: 13 1"), previous).Should().BeTrue();
        IsReset(Custom([1, 2], "1: 20"), Custom([2], "1: 1")).Should().BeTrue();
        IsReset(Exponential("0: 99"), previous).Should().BeTrue();
        IsReset(previous, Exponential("0: 1")).Should().BeTrue();
    }

    [Fact]
    public void IsReset_AllocatesNothing()
    {
        var previous = Exponential("1: 1 2 3 4 | 9: 3", "3: 3", schema: 2);
        var current = Exponential("1: 10 5", "1: 4", schema: 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isReset = IsReset(current, previous) | IsReset(previous, previous);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        isReset.Should().BeTrue("bucket 9 is part of bucket 3, which is missing");
    }

    private static bool IsReset(NativeHistogram current, NativeHistogram previous) =>
        CounterResetDetection.IsReset(current, previous);
}
