using System.Text;

namespace PromHost.Model.Tests;

public class HistogramDescriptionTests
{
    [Fact]
    public void Append_WritesBucketsThatAreNotEmpty_InTheirOrder() => Text(new NativeHistogram
    {
        Schema = 1,
        Count = 14,
        Sum = 1e6,
        IsInteger = true,
        ZeroCount = 2,
        ZeroThreshold = 0.001,
        PositiveSpans = new HistogramSpan[] { new(0, 2), new(1, 1) },
        PositiveCounts = new double[] { 3, 0, 4 },
        NegativeSpans = new HistogramSpan[] { new(1, 2) },
        NegativeCounts = new double[] { 2, 3 },
    }).Should().Be(
        // The upper bound is the one of Prometheus's tables, not the double nearest to the root of two.
        "{count:14, sum:1e+06, [-2,-1.414213562373095):3, [-1.414213562373095,-1):2, [-0.001,0.001]:2, " +
        "(0.7071067811865475,1]:3, (2,2.82842712474619]:4}");

    [Fact]
    public void Append_WritesFractionsAndCustomBounds() => Text(new NativeHistogram
    {
        Schema = NativeHistogram.CustomBucketsSchema,
        Count = 4.5,
        Sum = -3,
        PositiveSpans = new HistogramSpan[] { new(0, 3) },
        PositiveCounts = new double[] { 1.5, 2, 1 },
        CustomBounds = new double[] { -5, 10 },
    }).Should().Be("{count:4.5, sum:-3, [-Inf,-5]:1.5, (-5,10]:2, (10,+Inf]:1}");

    [Fact]
    public void Append_WritesCountsThatADoubleDoesNotHold() => Text(new NativeHistogram
    {
        Schema = 0,
        Count = (1UL << 53) + 3,
        Sum = 1,
        IsInteger = true,
        ZeroCount = 1,
        PositiveSpans = new HistogramSpan[] { new(0, 1) },
        PositiveCounts = new double[] { (1UL << 53) + 1 },
        NegativeSpans = new HistogramSpan[] { new(0, 1) },
        NegativeCounts = new double[] { 1 },
        ExactCounts = new ulong[] { (1UL << 53) + 3, 1, (1UL << 53) + 1, 1 },
    }).Should().Be(
        "{count:9007199254740995, sum:1, [-1,-0.5):1, [-0,0]:1, (0.5,1]:9007199254740993}");

    [Fact]
    public void Write_WritesAZeroBucketBelowZero_InItsPlace()
    {
        HistogramDescription.Write(Negated([2])).Should()
            .Be("{count:-6, sum:1, [-1,-0.5):-1, [-0.001,0.001]:-3, (0.5,1]:-2}");
        HistogramDescription.Write(Negated([])).Should().Be("{count:-4, sum:1, [-1,-0.5):-1, [-0.001,0.001]:-3}");

        static NativeHistogram Negated(double[] positive) => HistogramArithmetic.Negate(new NativeHistogram
        {
            Schema = 0,
            Count = 4 + positive.Sum(),
            Sum = -1,
            ZeroCount = 3,
            ZeroThreshold = 0.001,
            PositiveSpans = positive.Length == 0 ? [] : new HistogramSpan[] { new(0, 1) },
            PositiveCounts = positive,
            NegativeSpans = new HistogramSpan[] { new(0, 1) },
            NegativeCounts = new double[] { 1 },
        });
    }

    private static string Text(NativeHistogram histogram)
    {
        var text = new StringBuilder();
        HistogramDescription.Append(text, histogram);
        return text.ToString();
    }
}
