namespace PromHost.PromQL.Tests;

public sealed class InfoOperatorTests
{
    private const long Minute = 60_000;

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines));

    [Fact]
    public async Task TryNext_SplitsASeries_WhenItsInfoSeriesChanges() =>
        (await Runner(
            "m{instance=\"a\", job=\"1\"} 1 2 3 4",
            "target_info{instance=\"a\", job=\"1\", v=\"old\"} 1 stale",
            "target_info{instance=\"a\", job=\"1\", v=\"new\"} _ 1 stale 1").Range("info(m)", 0, 3 * Minute, Minute))
            .Should().Be(
                "{__name__=\"m\", instance=\"a\", job=\"1\"} 3@120000\n" +
                "{__name__=\"m\", instance=\"a\", job=\"1\", v=\"new\"} 2@60000 4@180000\n" +
                "{__name__=\"m\", instance=\"a\", job=\"1\", v=\"old\"} 1@0");

    [Fact]
    public async Task TryNext_PrefersTheNewerInfoSeries_WhenBothAreInTheLookback() =>
        (await Runner(
            "m{instance=\"a\"} 1 2",
            "target_info{instance=\"a\", v=\"old\"} 1",
            "target_info{instance=\"a\", v=\"new\"} _ 1").Range("info(m)", 0, Minute, Minute)).Should().Be(
                "{__name__=\"m\", instance=\"a\", v=\"new\"} 2@60000\n{__name__=\"m\", instance=\"a\", v=\"old\"} 1@0");

    [Fact]
    public async Task TryNext_Fails_WhenInfoSeriesAreEquallyNew()
    {
        var act = () => Runner(
            "m{instance=\"a\"} 1", "target_info{instance=\"a\", v=\"x\"} 1", "target_info{instance=\"a\", v=\"y\"} 1")
            .Instant("info(m)", 0);
        (await act.Should().ThrowAsync<QueryException>()).WithMessage(
            "found duplicate series for info metric: " +
            "existing {__name__=\"target_info\", instance=\"a\", v=\"x\"} @ 0, " +
            "new {__name__=\"target_info\", instance=\"a\", v=\"y\"} @ 0");
    }

    [Fact]
    public async Task TryNext_Fails_WhenInfoSeriesIsHistogram()
    {
        var act = () => Runner("m{instance=\"a\"} 1", "target_info{instance=\"a\", v=\"x\"} {{count:1}}")
            .Instant("info(m)", 0);
        (await act.Should().ThrowAsync<QueryException>()).WithMessage(
            "this should be an info metric, with float samples: " +
            "{__name__=\"target_info\", instance=\"a\", v=\"x\"}");
    }

    [Fact]
    public async Task TryNext_Fails_WhenInfoMetricsContradictEachOther()
    {
        var act = () => Runner(
            "m{instance=\"a\"} 1", "target_info{instance=\"a\", v=\"x\"} 1", "build_info{instance=\"a\", v=\"y\"} 1")
            .Instant("info(m, {__name__=~\".+_info\"})", 0);
        (await act.Should().ThrowAsync<QueryException>()).WithMessage("conflicting label: v");
    }

    [Theory]
    [InlineData("info(m, {v=~\".+\"})", "{__name__=\"m\", instance=\"a\", v=\"x\"} 1")]
    [InlineData("info(m, {none=~\".+\"})", "")]
    [InlineData("info(m, {none=\"\"})",
        "{__name__=\"m\", instance=\"a\"} 1\n{__name__=\"m\", instance=\"b\"} 2\n{__name__=\"m\", instance=\"c\"} 3")]
    public async Task Open_TakesTheLabelsAskedFor(string query, string expected)
    {
        var runner = Runner(
            "m{instance=\"a\"} 1", "m{instance=\"b\"} 2", "m{instance=\"c\"} 3",
            "target_info{instance=\"a\", v=\"x\", w=\"y\"} 1");
        (await runner.Instant(query, 0)).Should().Be(expected);
    }
}
