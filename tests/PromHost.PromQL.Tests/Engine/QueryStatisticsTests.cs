namespace PromHost.PromQL.Tests;

public class QueryStatisticsTests
{
    private const long Second = 1000;
    private const long Minute = 60 * Second;

    [Theory]
    [InlineData("1", "0 0 0", "0 0 0")]
    [InlineData("m", "1 1 1", "1 1 1")]
    [InlineData("m + sum(m @ end())", "2 2 2", "2 1 1")]
    [InlineData("timestamp(m offset 1m)", "0 1 1", "0 1 1")]
    [InlineData("sum_over_time(m[2m])", "1 2 2", "1 2 2")]
    [InlineData("sum_over_time(m[7m])", "1 6 7", "1 5 5")]
    [InlineData("predict_linear(m[3m] @ 240, 60)", "3 3 3", "3 0 0")]
    // Windows of a minute lie apart: steps of the subquery between them do not count.
    [InlineData("sum_over_time(m[1m:30s])", "1 2 2", "1 2 2")]
    [InlineData("sum_over_time(m[1m:30s] offset 30s)", "0 2 2", "0 2 2")]
    [InlineData("sum_over_time(count_over_time(m[1m])[1m:30s])", "1 2 2", "1 1 1")]
    [InlineData("sum_over_time(sum_over_time(m[30s:30s])[2m:1m])", "1 2 2", "1 2 2")]
    [InlineData("sum_over_time((m @ 0)[1m:30s])", "2 2 2", "1 0 0")]
    [InlineData("sum_over_time(m[6m:1m])", "1 6 6", "1 5 5")]
    // Upstream evaluates this subquery at more steps than anybody looks at, and counts them.
    [InlineData("predict_linear(m[3m:1m] @ 240, 60)", "3 3 3", "0 2 0")]
    [InlineData("sum_over_time(h[1m])", "0 12 12", "0 12 12")]
    [InlineData("sum_over_time(h[1m:30s])", "0 24 24", "0 24 24")]
    public async Task ExecuteRangeAsync_CountsSamplesAtEachStep_AsUpstream(string query, string totals, string reads)
    {
        var source = new InMemoryQuerySource().Load(
            Minute, "m 0+1x10", "h _ _ _ _ {{schema:0 count:1 sum:1 buckets:[1]}}x6");

        var statistics = await Run(source, query, byStep: true);

        statistics.ByStep!.StartMs.Should().Be(0);
        statistics.ByStep.StepMs.Should().Be(5 * Minute);
        string.Join(' ', statistics.ByStep.TotalQueryableSamples).Should().Be(totals);
        string.Join(' ', statistics.ByStep.SamplesRead).Should().Be(reads);
        statistics.TotalQueryableSamples.Should().Be(statistics.ByStep.TotalQueryableSamples.Sum());
        statistics.SamplesRead.Should().Be(statistics.ByStep.SamplesRead.Sum());
        // The sums do not need the steps.
        var sums = await Run(source, query, byStep: false);
        sums.ByStep.Should().BeNull();
        (sums.TotalQueryableSamples, sums.SamplesRead).Should()
            .Be((statistics.TotalQueryableSamples, statistics.SamplesRead));
    }

    [Fact]
    public async Task ExecuteRangeAsync_CountsInfoSeries_WhenSeriesWithPointsAskForThem()
    {
        var source = new InMemoryQuerySource().Load(
            5 * Minute,
            "m{instance=\"a\"} 1 1 1",
            "n{instance=\"b\"} stale stale stale",
            "target_info{instance=\"a\",version=\"1\"} 1 1 1",
            "target_info{instance=\"b\",version=\"1\"} 1 1 1",
            // Two of the same age, but nobody asks which of them it is.
            "target_info{instance=\"b\",version=\"2\"} 1 1 1",
            "target_info{instance=\"c\",version=\"1\"} 1 1 1");

        var statistics = await Run(source, "info({__name__=~\"m|n\"})", byStep: true);

        statistics.TotalQueryableSamples.Should().Be(6);
        statistics.ByStep!.SamplesRead.Should().Equal(2, 2, 2);
    }

    [Fact]
    public async Task ExecuteInstantAsync_CountsOneStep_WhenQueryIsSubquery()
    {
        var source = new InMemoryQuerySource().Load(Minute, "m 0+1x10");
        using var engine = Engine();

        var result = await engine.ExecuteInstantAsync(source, "count_over_time(m[2m])[5m:1m]", 8 * Minute,
            new QueryOptions { StatisticsByStep = true }, TestContext.Current.CancellationToken);

        result.Statistics.ByStep!.TotalQueryableSamples.Should().Equal(10);
        result.Statistics.ByStep.SamplesRead.Should().Equal(6);
    }

    [Fact]
    public async Task ExecuteRangeAsync_CountsNoSteps_WhenFeatureIsOff()
    {
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);

        var result = await engine.ExecuteRangeAsync(new InMemoryQuerySource().Load(Minute, "m 0+1x10"), "m", 0, Minute,
            Minute, new QueryOptions { StatisticsByStep = true }, TestContext.Current.CancellationToken);

        result.Statistics.ByStep.Should().BeNull();
    }

    private static QueryEngine Engine() => new(
        new QueryLimits(), new QueryFeatures { StepStatistics = true, ExperimentalFunctions = true },
        TimeProvider.System);

    private static async Task<QueryStatistics> Run(InMemoryQuerySource source, string query, bool byStep)
    {
        using var engine = Engine();
        var result = await engine.ExecuteRangeAsync(source, query, 0, 10 * Minute, 5 * Minute,
            new QueryOptions { StatisticsByStep = byStep }, TestContext.Current.CancellationToken);
        return result.Statistics;
    }
}
