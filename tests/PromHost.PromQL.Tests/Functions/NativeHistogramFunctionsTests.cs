namespace PromHost.PromQL.Tests;

public sealed class NativeHistogramFunctionsTests
{
    private const long Minute = 60_000;

    // A float, a histogram, nothing, a histogram with custom buckets, a histogram without observations.
    private const string Alternating =
        "m{n=\"1\"} 3 {{count:4 sum:6 buckets:[2 2]}} _ " +
        "{{schema:-53 count:4 sum:20 custom_values:[5 10] buckets:[2 2]}} {{}}";

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines))
        {
            Limits = new QueryLimits { LookbackDelta = TimeSpan.FromMinutes(1) },
        };

    [Theory]
    [InlineData("histogram_count(m)", "{n=\"1\"} 4@60000 4@180000 0@240000")]
    [InlineData("histogram_sum(m)", "{n=\"1\"} 6@60000 20@180000 0@240000")]
    [InlineData("histogram_avg(m)", "{n=\"1\"} 1.5@60000 5@180000 NaN@240000")]
    [InlineData("histogram_stdvar(m)", "{n=\"1\"} 0.3180194846605361@60000 +Inf@180000 NaN@240000")]
    [InlineData("histogram_stddev(m)", "{n=\"1\"} 0.5639321631726072@60000 +Inf@180000 NaN@240000")]
    [InlineData("histogram_quantile(0.5, m)", "{n=\"1\"} 1@60000 5@180000 NaN@240000")]
    [InlineData("histogram_quantile(2, m)", "{n=\"1\"} +Inf@60000 +Inf@180000 +Inf@240000")]
    [InlineData("histogram_quantiles(m, \"q\", 0.5, 1)",
        "{n=\"1\", q=\"0.5\"} 1@60000 5@180000 NaN@240000\n{n=\"1\", q=\"1.0\"} 2@60000 10@180000 NaN@240000")]
    [InlineData("histogram_fraction(0, 1, m)", "{n=\"1\"} 0.5@60000 0.1@180000 NaN@240000")]
    [InlineData("timestamp(m)", "{n=\"1\"} 0@0 60@60000 180@180000 240@240000")]
    [InlineData("timestamp(-m)", "{n=\"1\"} 0@0 60@60000 180@180000 240@240000")]
    [InlineData("absent(m)", "{} 1@120000")]
    [InlineData("abs(m)", "{n=\"1\"} 3@0")]
    [InlineData("clamp(m, 0, 1)", "{n=\"1\"} 1@0")]
    [InlineData("round(m)", "{n=\"1\"} 3@0")]
    [InlineData("day_of_month(m)", "{n=\"1\"} 1@0")]
    [InlineData("sort(m)", "{__name__=\"m\", n=\"1\"} 3@0")]
    [InlineData("vector(scalar(m))", "{} 3@0 NaN@60000 NaN@120000 NaN@180000 NaN@240000")]
    public async Task Function_TakesThePointsItKnows_WhenTypesAlternate(string query, string expected) =>
        (await Runner(Alternating).Range(query, 0, 4 * Minute, Minute)).Should().Be(expected);

    [Theory]
    [InlineData("sort_by_label(m, \"n\")")]
    [InlineData("label_replace(m, \"n\", \"1\", \"n\", \"2\")")]
    [InlineData("label_join(m, \"n\", \"\", \"n\")")]
    [InlineData("+m")]
    public async Task Function_PassesHistogramsOn_WhenItChangesLabelsOrOrderOnly(string query) =>
        (await Runner(Alternating).Range(query, 0, 2 * Minute, Minute)).Should().Be(
            "{__name__=\"m\", n=\"1\"} 3@0 {{count:4 sum:6 buckets:[2 2]}}@60000");

    [Fact]
    public async Task Scalar_TakesTheOnlyFloat_BesideHistograms() =>
        (await Runner("m{n=\"1\"} 7", "m{n=\"2\"} {{count:1 sum:1 buckets:[1]}}").Instant("scalar(m)", 0))
            .Should().Be("7");

    [Fact]
    public async Task LabelReplace_JoinsSeries_WhenFloatsAndHistogramsTakeTurns() =>
        (await Runner("m{n=\"1\"} 1 _ 3", "m{n=\"2\"} _ {{count:1 sum:1 buckets:[1]}} _")
            .Range("label_replace(m, \"n\", \"\", \"n\", \".*\")", 0, 2 * Minute, Minute)).Should().Be(
            "{__name__=\"m\"} 1@0 3@120000 {{count:1 sum:1 buckets:[1]}}@60000");

    [Theory]
    [InlineData("histogram_quantile(0.5, {__name__=~\"m|n\"})", "1:25")]
    [InlineData("histogram_fraction(0, 1, ({__name__=~\"m|n\"}))", "1:27")]
    public async Task Quantile_Warns_OnlyWhereAHistogramIsBothClassicAndNative(string query, string place)
    {
        // Both at the first step, then one of them each; the other metric is another histogram.
        var runner = Runner(
            "m{le=\"1\"} 1 _ 1",
            "m {{count:4 sum:6 buckets:[4]}} {{count:4 sum:6 buckets:[4]}} _",
            "m{le=\"+Inf\"} 1 _ 1");
        var result = await runner.RunRange(query, 0, 2 * Minute, Minute);
        QueryRunner.Write(result.Value).Should().MatchRegex("^{} [0-9.]+@60000 [0-9.]+@120000$");
        result.Warnings.Should().Equal(
            $"PromQL warning: vector contains a mix of classic and native histograms ({place})");
    }

    [Fact]
    public async Task Quantile_TellsClassicFromNative_WhenNamesDiffer()
    {
        var runner = Runner("m{le=\"1\"} 1", "m{le=\"+Inf\"} 1", "o{x=\"1\"} {{count:4 sum:6 buckets:[4]}}");
        var result = await runner.RunInstant("histogram_quantile(0.5, {__name__=~\"m|o\"})", 0);
        QueryRunner.Write(result.Value).Should().Be("{} 0.5\n{x=\"1\"} 0.7071067811865476");
        result.Warnings.Should().BeEmpty();
    }

    [Fact]
    public async Task Quantile_WarnsOfTheMissingBound_WhereTheSeriesIsAFloat()
    {
        var result = await Runner(Alternating).RunRange("histogram_quantile(0.5, m)", 0, 4 * Minute, Minute);
        result.Warnings.Should().Equal(
            "PromQL warning: bucket label \"le\" is missing or has a malformed value of \"\" (1:25)");
    }

    [Fact]
    public async Task Quantile_KeepsABoundThatIsNone_OfANativeHistogram() =>
        (await Runner("m{le=\"x\"} {{count:4 sum:6 buckets:[4]}}").Instant("histogram_quantile(1, m)", 0))
            .Should().Be("{le=\"x\"} 1");

    [Fact]
    public async Task Quantile_PassesOver_NativeHistogramsOfABucketsSeries() =>
        (await Runner("m{le=\"1\"} 1 {{count:4 sum:6 buckets:[4]}}", "m{le=\"+Inf\"} 2 2")
            .Range("histogram_quantile(0.5, m)", 0, Minute, Minute)).Should().Be("{} 1@0 NaN@60000");

    [Theory]
    [InlineData("histogram_quantile(0.5, m)",
        "input to histogram_quantile has NaN observations, result is skewed higher")]
    [InlineData("histogram_quantile(1, m)", "input to histogram_quantile has NaN observations, result is NaN")]
    [InlineData("histogram_quantiles(m, \"q\", 1)", "input to histogram_quantile has NaN observations, result is NaN")]
    [InlineData("histogram_fraction(0, 1, m)",
        "input to histogram_fraction has NaN observations, which are excluded from all fractions")]
    public async Task Estimate_SaysWhatNaNsDid(string query, string text)
    {
        var runner = Runner("m {{count:4 sum:NaN buckets:[3]}}");
        var infos = (await runner.RunInstant(query, 0)).Infos;
        infos.Should().Equal($"PromQL info: {text} (1:{query.IndexOf('m', 11) + 1})");
        var delayed = new QueryRunner(new InMemoryQuerySource().Load(Minute, "m {{count:4 sum:NaN buckets:[3]}}"))
        {
            Features = new QueryFeatures { ExperimentalFunctions = true, DelayedNameRemoval = true },
        };
        (await delayed.RunInstant(query, 0)).Infos.Should().ContainSingle()
            .Which.Should().StartWith($"PromQL info: {text} for metric name \"m\" (");
    }

    [Fact]
    public async Task Field_LeavesTypeAndUnit_UnlessNamesAreDroppedAtTheEnd()
    {
        const string line = "m{__type__=\"histogram\", __unit__=\"s\"} {{count:4 sum:6 buckets:[4]}}";
        (await Runner(line).Instant("histogram_count(m)", 0)).Should()
            .Be("{__type__=\"histogram\", __unit__=\"s\"} 4");
        var delayed = new QueryRunner(new InMemoryQuerySource().Load(Minute, line))
        {
            Features = new QueryFeatures { DelayedNameRemoval = true },
        };
        (await delayed.Instant("histogram_count(m)", 0)).Should().Be("{} 4");
    }
}
