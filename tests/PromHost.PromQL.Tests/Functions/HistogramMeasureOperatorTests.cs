namespace PromHost.PromQL.Tests;

public sealed class HistogramMeasureOperatorTests
{
    private const long Minute = 60_000;

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines));

    private static QueryRunner Latencies() => Runner(
        "h_bucket{le=\"+Inf\", i=\"1\"} 100", "h_bucket{le=\"1\", i=\"1\"} 80", "h_bucket{le=\"0.1\", i=\"1\"} 50",
        "h_bucket{le=\"0.5\", i=\"2\"} 4", "h_bucket{le=\"+Inf\", i=\"2\"} 10");

    [Theory]
    [InlineData("histogram_quantile(0.5, h_bucket)", "{i=\"1\"} 0.1\n{i=\"2\"} 0.5")]
    [InlineData("histogram_quantile(0.25, h_bucket)", "{i=\"1\"} 0.05\n{i=\"2\"} 0.3125")]
    [InlineData("histogram_quantile(0.65, h_bucket{i=\"1\"})", "{i=\"1\"} 0.55")]
    [InlineData("histogram_quantile(1, h_bucket)", "{i=\"1\"} 1\n{i=\"2\"} 0.5")]
    [InlineData("histogram_quantile(0.5, h_bucket{le!=\"+Inf\"})", "{i=\"1\"} NaN\n{i=\"2\"} NaN")]
    [InlineData("histogram_quantile(0.5, h_bucket{le=\"+Inf\"})", "{i=\"1\"} NaN\n{i=\"2\"} NaN")]
    [InlineData("histogram_quantile(0.5, h_bucket * 0)", "{i=\"1\"} NaN\n{i=\"2\"} NaN")]
    [InlineData("histogram_quantile(0.5, nothing)", "")]
    [InlineData("histogram_fraction(0, 0.1, h_bucket)", "{i=\"1\"} 0.5\n{i=\"2\"} 0.08")]
    [InlineData("histogram_fraction(0.1, 1, h_bucket{i=\"1\"})", "{i=\"1\"} 0.3")]
    [InlineData("histogram_fraction(-Inf, Inf, h_bucket)", "{i=\"1\"} 1\n{i=\"2\"} 1")]
    [InlineData("histogram_fraction(1, 0, h_bucket)", "{i=\"1\"} 0\n{i=\"2\"} 0")]
    [InlineData("histogram_fraction(NaN, 0, h_bucket)", "{i=\"1\"} NaN\n{i=\"2\"} NaN")]
    [InlineData("histogram_fraction(0, 1, h_bucket{le!=\"+Inf\"})", "{i=\"1\"} NaN\n{i=\"2\"} NaN")]
    [InlineData("histogram_quantiles(h_bucket{i=\"1\"}, \"q\", 0.25, 0.5, 1)",
        "{i=\"1\", q=\"0.25\"} 0.05\n{i=\"1\", q=\"0.5\"} 0.1\n{i=\"1\", q=\"1.0\"} 1")]
    public async Task TryCreate_ReadsClassicHistograms(string query, string expected) =>
        (await Latencies().Instant(query, 0)).Should().Be(expected);

    [Fact]
    public async Task Quantile_StaysInTheLowestBucket_WhenItsBoundIsNotPositive() =>
        (await Runner("h{le=\"-1\"} 5", "h{le=\"0\"} 8", "h{le=\"+Inf\"} 10").Instant("histogram_quantile(0.1, h)", 0))
            .Should().Be("{} -1");

    [Theory]
    [InlineData("1.5", "+Inf")]
    [InlineData("-1", "-Inf")]
    [InlineData("NaN", "NaN")]
    public async Task Quantile_Warns_WhenItIsOutOfRange(string quantile, string value)
    {
        var result = await Latencies().RunInstant($"histogram_quantile({quantile}, h_bucket{{i=\"1\"}})", 0);
        result.Warnings.Should().Equal(
            $"PromQL warning: quantile value should be between 0 and 1, got {quantile} (1:20)");
        QueryRunner.Write(result.Value).Should().Be("{i=\"1\"} " + value);
    }

    [Fact]
    public async Task Quantile_AddsUpBucketsOfEqualBounds() =>
        (await Runner("h{le=\"1\"} 5", "h{le=\"1.0\"} 5", "h{le=\"+Inf\"} 10").Instant("histogram_quantile(0.5, h)", 0))
            .Should().Be("{} 0.5");

    // What a series without points was would else be another histogram beside the classic one.
    [Theory]
    [InlineData("histogram_quantile(0.5, rate(h[5m]))", "")]
    [InlineData("histogram_quantile(0.5, rate(h[5m])) or vector(1)", "{} 1")]
    public async Task Quantile_TakesNativesOfEqualLabelsForOne_WhenOnlyOneHasPoints(string query, string expected)
    {
        var runner = Runner(
            "h{__type__=\"counter\"} {{count:1 buckets:[1]}}", "h{le=\"1\"} _x10 0+1x10", "h{le=\"+Inf\"} _x10 0+2x10",
            "h{__type__=\"histogram\"} _x10 {{count:1 buckets:[1]}} {{count:2 buckets:[2]}} {{count:3 buckets:[3]}}");

        var result = await runner.RunInstant(query, 12 * Minute);

        QueryRunner.Write(result.Value).Should().Be(expected);
        result.Warnings.Should().ContainSingle().Which.Should().Contain("mix of classic and native histograms");
    }

    [Fact]
    public async Task Quantile_TakesTheBucketsOfEachStep_WhenBucketsAlternate() =>
        (await Runner("h{le=\"1\"} 5 stale 5", "h{le=\"2\"} stale 5 5", "h{le=\"+Inf\"} 5 5 5").Range(
            "histogram_quantile(1, h)", 0, 2 * Minute, Minute)).Should().Be("{} 1@0 2@60000 1@120000");

    [Fact]
    public async Task Quantile_SaysOnceHowOftenCountsHadToBeRaised()
    {
        var runner = Runner(
            "h{le=\"1\", i=\"1\"} 10 10 10", "h{le=\"2\", i=\"1\"} 5 5 10", "h{le=\"+Inf\", i=\"1\"} 12 12 12",
            "h{le=\"4\", i=\"2\"} 300 300 300", "h{le=\"+Inf\", i=\"2\"} 100 400 400");
        var result = await runner.RunRange("histogram_quantile(0.5, h)", 0, 2 * Minute, Minute);
        result.Infos.Should().Equal(
            "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see " +
            "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 2 to " +
            "+Inf, with a max diff of 2e+02, over 3 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:25)");
    }

    [Fact]
    public async Task Quantile_CountsRaisesOfAllCallsTogether_AtTheFirst()
    {
        var runner = Runner("h{le=\"1\"} 10 10", "h{le=\"2\"} 5 7", "h{le=\"4\"} 12 9", "h{le=\"+Inf\"} 12 12");
        var result = await runner.RunRange(
            "histogram_quantile(0.5, h) + histogram_quantile(0.9, h) + histogram_quantile(0.1, h @ 0)",
            0, Minute, Minute);
        result.Infos.Should().Equal(
            "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see " +
            "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile), from buckets 2 to " +
            "4, with a max diff of 5, over 5 samples from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z (1:25)");
    }

    [Fact]
    public async Task Quantile_ForgivesRoundingOfCounts()
    {
        var runner = Runner("h{le=\"1\"} 1000000", "h{le=\"2\"} 999999.9999999", "h{le=\"+Inf\"} 1000000");
        (await runner.RunInstant("histogram_quantile(0.5, h)", 0)).Infos.Should().BeEmpty();
    }

    [Theory]
    [InlineData("h{le=\"x\"} 1", "\"x\"")]
    [InlineData("h 1", "\"\"")]
    [InlineData("h{le=\"1e999\"} 1", "\"1e999\"")]
    public async Task Quantile_Warns_WhenABucketHasNoBound(string line, string label)
    {
        var result = await Runner(line).RunInstant("histogram_quantile(0.5, h)", 0);
        result.Warnings.Should().Equal(
            $"PromQL warning: bucket label \"le\" is missing or has a malformed value of {label} (1:25)");
        ((VectorResult)result.Value).Count.Should().Be(0);
    }

    [Theory]
    [InlineData("1", true, 1)]
    [InlineData("-1.5e3", true, -1500)]
    [InlineData("+Inf", true, double.PositiveInfinity)]
    [InlineData("infinity", true, double.PositiveInfinity)]
    [InlineData("-inf", true, double.NegativeInfinity)]
    [InlineData("nan", true, double.NaN)]
    [InlineData(".5", true, 0.5)]
    [InlineData("5.", true, 5)]
    [InlineData("0x1p-2", true, 0.25)]
    [InlineData("0x1.8p1", true, 3)]
    [InlineData("", false, 0)]
    [InlineData(" 1", false, 0)]
    [InlineData("1 ", false, 0)]
    [InlineData("+-1", false, 0)]
    [InlineData("1,000", false, 0)]
    [InlineData("0x1", false, 0)]
    public void BucketBound_ReadsGoFloats(string text, bool isBound, double expected)
    {
        BucketBound.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var bound).Should().Be(isBound);
        if (isBound) bound.Should().Be(expected);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(5, "5")]
    [InlineData(20, "20")]
    [InlineData(100, "1e+02")]
    [InlineData(123.4, "1.2e+02")]
    [InlineData(0.5, "0.5")]
    [InlineData(0.125, "0.12")]
    [InlineData(99.7, "1e+02")]
    [InlineData(1e-9, "1e-09")]
    [InlineData(0.000123, "0.00012")]
    [InlineData(2.75, "2.8")]
    public void TwoDigits_WritesAsGoDoes(double value, string expected) =>
        RaisedBuckets.TwoDigits(value).Should().Be(expected);
}
