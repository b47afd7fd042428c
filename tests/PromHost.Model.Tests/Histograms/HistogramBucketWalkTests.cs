using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramBucketWalkTests
{
    private static readonly NativeHistogram Both = Exponential(
        "0: 1 0 | 4: 3", "0: 5 | 2: 7", zero: 2, threshold: 0.6);

    [Fact]
    public void Ascending_GoesFromTheLowestToTheHighest() =>
        Texts(HistogramBucketWalk.Ascending(Both)).Should().Equal(
            "[-4,-2):7@6", "[-1,-0.6):5@5", "[-0.6,0.6]:2@1", "(0.6,1]:1@2", "(1,2]:0@3", "(8,16]:3@4");

    [Fact]
    public void Descending_GoesFromTheHighestToTheLowest() =>
        Texts(HistogramBucketWalk.Descending(Both, isCutAtZero: false)).Should().Equal(
            "(8,16]:3@4", "(1,2]:0@3", "(0.5,1]:1@2", "[-0.6,0.6]:2@1", "[-1,-0.5):5@5", "[-4,-2):7@6");

    [Fact]
    public void PositiveAndNegative_GoOutward()
    {
        Texts(HistogramBucketWalk.Positive(Both)).Should().Equal("(0.5,1]:1@2", "(1,2]:0@3", "(8,16]:3@4");
        Texts(HistogramBucketWalk.Negative(Both)).Should().Equal("[-1,-0.5):5@5", "[-4,-2):7@6");
    }

    [Fact]
    public void Ascending_LeavesOutAnEmptyZeroBucketAndSpansWithoutBuckets()
    {
        Texts(HistogramBucketWalk.Ascending(Exponential("0: | 2: 1 | 3: | 9: 1 | 12:", "1: | 2: 4", threshold: 1)))
            .Should().Equal("[-4,-2):4@4", "(2,4]:1@2", "(256,512]:1@3");
        Texts(HistogramBucketWalk.Descending(Exponential("0: | 2: 1 | 3: | 9: 1 | 12:", "1: | 2: 4", threshold: 1)))
            .Should().Equal("(256,512]:1@3", "(2,4]:1@2", "[-4,-2):4@4");
        Texts(HistogramBucketWalk.Ascending(Exponential())).Should().BeEmpty();
    }

    [Fact]
    public void Ascending_KnowsCustomBuckets() =>
        Texts(HistogramBucketWalk.Ascending(Custom([-1, 2], "0: 1 2 3"))).Should().Equal(
            "[-Infinity,-1]:1@2", "(-1,2]:2@3", "(2,Infinity]:3@4");

    private static List<string> Texts(HistogramBucketWalk walk)
    {
        var texts = new List<string>();
        foreach (var b in walk)
        {
            var open = b.IsLowerClosed ? '[' : '(';
            var close = b.IsUpperClosed ? ']' : ')';
            texts.Add(FormattableString.Invariant($"{open}{b.Lower},{b.Upper}{close}:{b.Count}@{b.Ordinal}"));
        }

        return texts;
    }
}
