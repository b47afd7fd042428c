namespace PromHost.PromQL.Tests;

/// <summary>
/// What is only counted or summed has no buckets, but knows of resets, which were found while it had them.
/// </summary>
public sealed class HistogramStatisticsTests
{
    private const string Conflict = "PromQL warning: conflicting counter resets during histogram aggregation";

    // The second one is a reset, which only its buckets show.
    private static readonly InMemoryQuerySource s_source = new InMemoryQuerySource().Load(
        60_000,
        "h {{count:4 sum:4 buckets:[4]}} {{count:6 sum:6 buckets:[1 5]}} {{count:9 sum:9 buckets:[2 7]}}",
        "x {{count:4 sum:4 buckets:[4]}} 1 {{count:6 sum:6 buckets:[1 5]}} {{count:9 sum:9 buckets:[2 7]}}",
        "s {{count:4 sum:4 buckets:[4]}} stale {{count:6 sum:6 buckets:[1 5]}} {{count:9 sum:9 buckets:[2 7]}}");

    [Theory]
    // Six of them are after the reset; from before it nothing counts.
    [InlineData("histogram_count(increase(h[3m]))", "{} 12.999999999999998")]
    [InlineData("histogram_sum(increase(h[3m]))", "{} 12.999999999999998")]
    [InlineData("histogram_avg(increase(h[3m]))", "{} 1")]
    [InlineData("histogram_count(irate(h[2m]))", "{} 0.05")]
    [InlineData("histogram_count(h)", "{} 9")]
    [InlineData("histogram_count(h or x)", "{} 9")]
    [InlineData("histogram_sum(h @ 60)", "{} 6")]
    public async Task Count_IsThatOfWholeHistograms(string query, string expected) =>
        (await new QueryRunner(s_source).Instant(query, 120_000)).Should().Be(expected);

    [Theory]
    [InlineData("histogram_count(sum_over_time(h[4m]))", true)]
    [InlineData("histogram_sum(avg_over_time(h[4m]))", true)]
    [InlineData("histogram_avg(sum_over_time((h[4m])))", true)]
    [InlineData("histogram_count(avg_over_time(s[5m]))", true)]
    [InlineData("histogram_count(last_over_time(h[4m]))", false)]
    // Where buckets matter too, nothing is known.
    [InlineData("sum_over_time(h[4m])", false)]
    [InlineData("count(sum_over_time(h[4m]))", false)]
    [InlineData("histogram_quantile(0.5, sum_over_time(h[4m]))", false)]
    [InlineData("histogram_count(sum_over_time(h[4m:1m]))", false)]
    [InlineData("histogram_count(sum_over_time(h[4m]) </ 2)", false)]
    [InlineData("histogram_fraction(0, scalar(histogram_count(sum_over_time(h[4m]))), h)", false)]
    public async Task Reset_IsKnown_WhereOnlyCountsAndSumsMatter(string query, bool isKnown)
    {
        var result = await new QueryRunner(s_source).RunInstant(query, 180_000);

        result.Warnings.Any(static w => w.StartsWith(Conflict, StringComparison.Ordinal)).Should().Be(isKnown);
    }

    [Fact]
    public async Task Reset_IsNotKnown_WhenWindowsLieApart()
    {
        // The sample before the second window is passed over on the way to it.
        var source = new InMemoryQuerySource().Load(
            60_000,
            "h {{count:4 sum:4 buckets:[4]}} {{count:5 sum:5 buckets:[5]}} {{count:6 sum:6 buckets:[6]}} " +
            "{{count:9 sum:9 buckets:[1 8]}} {{count:9 sum:9 buckets:[1 8] counter_reset_hint:not_reset}}");
        const string Query = "histogram_count(sum_over_time(h[90s]))";

        (await new QueryRunner(source).RunRange(Query, 0, 240_000, 240_000)).Warnings.Should().BeEmpty();
        (await new QueryRunner(source).RunRange(Query, 0, 240_000, 60_000)).Warnings.Should().ContainSingle();
    }
}
