namespace PromHost.Model.Tests;

public class HistogramValidationTests
{
    [Fact]
    public void IsValid_TakesHistogramsAsTheyShouldBe()
    {
        Problem(Integer()).Should().BeNull();
        Problem(Float()).Should().BeNull();
        Problem(Custom([1, 2], [new(0, 3)], [1, 0, 2], 3)).Should().BeNull();
        Problem(Custom([], [new(0, 1)], [4], 4)).Should().BeNull();
        Problem(Stale()).Should().BeNull();
        // Observed NaNs are in no bucket.
        Problem(Integer(count: 9, sum: double.NaN)).Should().BeNull();
        Problem(Float(count: 1)).Should().BeNull();
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-5)]
    [InlineData(-52)]
    public void IsValid_RefusesOtherSchemas(int schema) =>
        Problem(new NativeHistogram { Schema = schema, Count = 0, Sum = 0 }).Should().Be((
            HistogramFaultKind.Schema,
            "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for "
            + $"custom buckets, got schema {schema}"));

    [Fact]
    public void IsValid_RefusesCountsThatDoNotAddUp()
    {
        Problem(Integer(count: 9)).Should().Be((
            HistogramFaultKind.Count,
            "7 observations found in buckets, but the Count field is 9: histogram's observation count should equal "
            + "the number of observations found in the buckets (in absence of NaN)"));
        Problem(Integer(count: 5, sum: double.NaN)).Should().Be((
            HistogramFaultKind.Count,
            "7 observations found in buckets, but the Count field is 5: histogram's observation count should be at "
            + "least the number of observations found in the buckets"));
    }

    [Fact]
    public void IsValid_ComparesLargeCountsExactly()
    {
        const ulong Large = (1UL << 60) + 1;
        var histogram = new NativeHistogram
        {
            IsInteger = true,
            Schema = 0,
            Count = Large,
            Sum = 1,
            PositiveSpans = new HistogramSpan[] { new(0, 1) },
            PositiveCounts = new double[] { Large },
            ExactCounts = new ulong[] { Large, 0, Large - 1 },
        };

        Problem(histogram)!.Value.Text.Should().StartWith(
            "1152921504606846976 observations found in buckets, but the Count field is 1152921504606846977: ");
    }

    [Fact]
    public void IsValid_RefusesSpansThatDoNotFit()
    {
        Problem(Float(spans: [new(0, 3)])).Should().Be((
            HistogramFaultKind.Spans,
            "positive side: spans need 3 buckets, have 2 buckets: histogram spans specify different number of "
            + "buckets than provided"));
        Problem(Float(spans: [new(-9, 1), new(-3, 1)])).Should().Be((
            HistogramFaultKind.Spans,
            "positive side: span number 2 with offset -3: histogram has a span whose offset is negative"));
        Problem(Custom([1, 2], [new(-1, 1)], [1], 1)).Should().Be((
            HistogramFaultKind.Spans,
            "custom buckets: span number 1 with offset -1: histogram has a span whose offset is negative"));
    }

    [Fact]
    public void IsValid_RefusesNegativeCounts()
    {
        Problem(Float(buckets: [1, -2.5])).Should().Be((
            HistogramFaultKind.NegativeCount,
            "positive side: bucket number 2 has observation count of -2.5: histogram has a bucket whose observation "
            + "count is negative"));
        Problem(Float(count: -1)).Should().Be((
            HistogramFaultKind.NegativeCount,
            "observation count is  -1: histogram's observation count is negative"));
        Problem(Float(zeroCount: -1)).Should().Be((
            HistogramFaultKind.NegativeCount,
            "zero bucket has observation count of -1: histogram has a bucket whose observation count is negative"));
    }

    [Fact]
    public void IsValid_RefusesBadCustomBuckets()
    {
        Problem(Custom([1, 1], [], [], 0)).Should().Be((
            HistogramFaultKind.CustomBounds,
            "custom buckets: previous bound is 1.000000 and current is 1.000000: histogram custom bounds must be in "
            + "strictly increasing order"));
        Problem(Custom([1, double.NaN], [], [], 0))!.Value.Text.Should()
            .Be("custom buckets: histogram custom bounds must not be NaN");
        Problem(Custom([1, double.PositiveInfinity], [], [], 0))!.Value.Text.Should().Be(
            "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite");
        Problem(Custom([1], [new(0, 1), new(1, 1)], [1, 1], 2))!.Value.Text.Should().Be(
            "custom buckets: only 1 custom bounds defined which is insufficient to cover total span length of 3: "
            + "histogram custom bounds are too few");
        Problem(Custom([1], [], [], 1, zeroCount: 1))!.Value.Text.Should()
            .Be("custom buckets: must have zero count of 0");
        Problem(Float(bounds: [1]))!.Value.Text.Should()
            .Be("histogram with exponential schema must not have custom bounds");
    }

    private static (HistogramFaultKind Kind, string Text)? Problem(NativeHistogram histogram) =>
        HistogramValidation.IsValid(histogram, out var fault) ? null : (fault.Kind, fault.Text);

    private static NativeHistogram Stale() =>
        new() { IsInteger = true, Schema = 0, Count = 0, Sum = StaleMarker.Value };

    private static NativeHistogram Integer(double count = 7, double sum = 1) => new()
    {
        IsInteger = true,
        Schema = 2,
        Count = count,
        Sum = sum,
        ZeroCount = 1,
        PositiveSpans = new HistogramSpan[] { new(-3, 1), new(0, 1) },
        PositiveCounts = new double[] { 2, 0 },
        NegativeSpans = new HistogramSpan[] { new(5, 1) },
        NegativeCounts = new double[] { 4 },
    };

    private static NativeHistogram Float(
        double count = 3, double zeroCount = 0, HistogramSpan[]? spans = null, double[]? buckets = null,
        double[]? bounds = null) => new()
        {
            Schema = 2,
            Count = count,
            Sum = 1,
            ZeroCount = zeroCount,
            PositiveSpans = spans ?? [new(-3, 2)],
            PositiveCounts = buckets ?? [2, 1],
            CustomBounds = bounds ?? [],
        };

    private static NativeHistogram Custom(
        double[] bounds, HistogramSpan[] spans, double[] buckets, double count, double zeroCount = 0) => new()
        {
            IsInteger = true,
            Schema = NativeHistogram.CustomBucketsSchema,
            Count = count,
            Sum = 1,
            ZeroCount = zeroCount,
            PositiveSpans = spans,
            PositiveCounts = buckets,
            CustomBounds = bounds,
        };
}
