namespace PromHost.PromQL.Tests;

public sealed class AggregationOperatorsTests
{
    private const long Minute = 60_000;

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines));

    private static QueryRunner Fruit() => Runner(
        "m{kind=\"a\", n=\"1\"} 1 2 3",
        "m{kind=\"a\", n=\"2\"} 3 _ 5",
        "m{kind=\"b\", n=\"3\"} 10 NaN 30",
        "m{kind=\"b\", n=\"4\"} 20 40 _");

    [Theory]
    [InlineData("sum by (kind) (m)", "{kind=\"a\"} 4\n{kind=\"b\"} 30")]
    [InlineData("sum without (n) (m)", "{kind=\"a\"} 4\n{kind=\"b\"} 30")]
    [InlineData("sum(m)", "{} 34")]
    [InlineData("sum by (nothing) (m)", "{} 34")]
    [InlineData("sum by (__name__) (m)", "{__name__=\"m\"} 34")]
    [InlineData("avg by (kind) (m)", "{kind=\"a\"} 2\n{kind=\"b\"} 15")]
    [InlineData("min by (kind) (m)", "{kind=\"a\"} 1\n{kind=\"b\"} 10")]
    [InlineData("max by (kind) (m)", "{kind=\"a\"} 3\n{kind=\"b\"} 20")]
    [InlineData("count by (kind) (m)", "{kind=\"a\"} 2\n{kind=\"b\"} 2")]
    [InlineData("group by (kind) (m)", "{kind=\"a\"} 1\n{kind=\"b\"} 1")]
    [InlineData("stddev by (kind) (m)", "{kind=\"a\"} 1\n{kind=\"b\"} 5")]
    [InlineData("stdvar by (kind) (m)", "{kind=\"a\"} 1\n{kind=\"b\"} 25")]
    [InlineData("quantile by (kind) (0.75, m)", "{kind=\"a\"} 2.5\n{kind=\"b\"} 17.5")]
    [InlineData("quantile(0, m)", "{} 1")]
    [InlineData("quantile(1, m)", "{} 20")]
    [InlineData("count_values by (kind) (\"v\", m > bool 5)", "{kind=\"a\", v=\"0\"} 2\n{kind=\"b\", v=\"1\"} 2")]
    [InlineData("count_values without (n) (\"v\", m > bool 5)", "{kind=\"a\", v=\"0\"} 2\n{kind=\"b\", v=\"1\"} 2")]
    [InlineData("count_values without (n, v) (\"v\", m)", "{kind=\"a\"} 2\n{kind=\"b\"} 2")]
    [InlineData("count_values(\"kind\", m > bool 5)", "{kind=\"0\"} 2\n{kind=\"1\"} 2")]
    [InlineData("topk(1, m)", "{__name__=\"m\", kind=\"b\", n=\"4\"} 20")]
    [InlineData("topk by (kind) (1, m)",
        "{__name__=\"m\", kind=\"a\", n=\"2\"} 3\n{__name__=\"m\", kind=\"b\", n=\"4\"} 20")]
    [InlineData("bottomk(2, m)",
        "{__name__=\"m\", kind=\"a\", n=\"1\"} 1\n{__name__=\"m\", kind=\"a\", n=\"2\"} 3")]
    [InlineData("topk(0, m)", "")]
    [InlineData("topk(0.9, m)", "")]
    [InlineData("limitk(1, m)", "{__name__=\"m\", kind=\"a\", n=\"1\"} 1")]
    [InlineData("limitk by (kind) (1, m)",
        "{__name__=\"m\", kind=\"a\", n=\"1\"} 1\n{__name__=\"m\", kind=\"b\", n=\"3\"} 10")]
    [InlineData("limit_ratio(0, m)", "")]
    [InlineData("count(limit_ratio(1, m))", "{} 4")]
    [InlineData("count(limit_ratio(-1, m))", "{} 4")]
    [InlineData("sum(nothing)", "")]
    public async Task Create_AggregatesAnInstant(string query, string expected) =>
        (await Fruit().Instant(query, 0)).Should().Be(expected);

    [Theory]
    [InlineData("sum by (kind) (m)", "{kind=\"a\"} 4@0 2@60000 8@120000\n{kind=\"b\"} 30@0 NaN@60000 30@120000")]
    [InlineData("avg by (kind) (m)", "{kind=\"a\"} 2@0 2@60000 4@120000\n{kind=\"b\"} 15@0 NaN@60000 30@120000")]
    [InlineData("min by (kind) (m)", "{kind=\"a\"} 1@0 2@60000 3@120000\n{kind=\"b\"} 10@0 40@60000 30@120000")]
    [InlineData("max by (kind) (m)", "{kind=\"a\"} 3@0 2@60000 5@120000\n{kind=\"b\"} 20@0 40@60000 30@120000")]
    [InlineData("count by (kind) (m)", "{kind=\"a\"} 2@0 1@60000 2@120000\n{kind=\"b\"} 2@0 2@60000 1@120000")]
    [InlineData("quantile by (kind) (0, m)",
        "{kind=\"a\"} 1@0 2@60000 3@120000\n{kind=\"b\"} 10@0 NaN@60000 30@120000")]
    public async Task Create_AggregatesEachStep(string query, string expected)
    {
        var runner = Runner(
            "m{kind=\"a\", n=\"1\"} 1 2 3",
            "m{kind=\"a\", n=\"2\"} 3 stale 5",
            "m{kind=\"b\", n=\"3\"} 10 NaN 30",
            "m{kind=\"b\", n=\"4\"} 20 40 stale");
        (await runner.Range(query, 0, 2 * Minute, Minute)).Should().Be(expected);
    }

    [Theory]
    [InlineData("sum(m)", "{} 2")]
    [InlineData("avg(m)", "{} 0.5")]
    public async Task Sum_CompensatesLostDigits(string query, string expected) =>
        (await Runner("m{n=\"1\"} 1", "m{n=\"2\"} 1e100", "m{n=\"3\"} 1", "m{n=\"4\"} -1e100").Instant(query, 0))
            .Should().Be(expected);

    [Fact]
    public async Task Avg_GoesOnWithARunningMean_WhenTheSumOverflows()
    {
        var runner = Runner("m{n=\"1\"} 1.6e308", "m{n=\"2\"} 1.6e308", "m{n=\"3\"} 1.6e308");
        var result = (VectorResult)(await runner.RunInstant("avg(m)", 0)).Value;
        result.Values.Span[0].Should().BeApproximately(1.6e308, 1e294);
        (await runner.Instant("sum(m)", 0)).Should().Be("{} +Inf");
    }

    [Theory]
    [InlineData("m{n=\"1\"} Inf", "m{n=\"2\"} Inf", "+Inf")]
    [InlineData("m{n=\"1\"} Inf", "m{n=\"2\"} 5", "+Inf")]
    [InlineData("m{n=\"1\"} 5", "m{n=\"2\"} -Inf", "-Inf")]
    [InlineData("m{n=\"1\"} Inf", "m{n=\"2\"} -Inf", "NaN")]
    [InlineData("m{n=\"1\"} NaN", "m{n=\"2\"} 1", "NaN")]
    public async Task AvgAndSum_KeepInfinitiesAndNaN(string first, string second, string expected)
    {
        (await Runner(first, second).Instant("avg(m)", 0)).Should().Be("{} " + expected);
        (await Runner(first, second).Instant("sum(m)", 0)).Should().Be("{} " + expected);
    }

    [Theory]
    [InlineData("stddev(m)")]
    [InlineData("stdvar(m)")]
    public async Task StdDev_IsNaN_WhenAnyValueIsInfinite(string query)
    {
        (await Runner("m{n=\"1\"} Inf").Instant(query, 0)).Should().Be("{} NaN");
        (await Runner("m{n=\"1\"} 1", "m{n=\"2\"} -Inf").Instant(query, 0)).Should().Be("{} NaN");
    }

    [Theory]
    [InlineData("topk(3, m)", "4 3 1")]
    [InlineData("topk(9, m)", "4 3 1 NaN")]
    [InlineData("bottomk(3, m)", "1 3 4")]
    [InlineData("bottomk(9, m)", "1 3 4 NaN")]
    public async Task TopK_PutsNaNLast(string query, string expected)
    {
        var runner = Runner("m{n=\"1\"} NaN", "m{n=\"2\"} 3", "m{n=\"3\"} 1", "m{n=\"4\"} 4");
        var result = (VectorResult)(await runner.RunInstant(query, 0)).Value;
        string.Join(' ', result.Values.ToArray().Select(v => $"{v}")).Should().Be(expected);
    }

    [Fact]
    public async Task TopK_ChoosesAnewAtEachStep_WhenSeriesAlternate()
    {
        var runner = Runner("m{n=\"1\"} 1 9 1 9", "m{n=\"2\"} 5 5 5 5", "m{n=\"3\"} 0 0 9 0");
        (await runner.Range("topk(1, m)", 0, 3 * Minute, Minute)).Should().Be(
            "{__name__=\"m\", n=\"1\"} 9@60000 9@180000\n{__name__=\"m\", n=\"2\"} 5@0\n" +
            "{__name__=\"m\", n=\"3\"} 9@120000");
        (await runner.Range("bottomk(1, m)", 0, 3 * Minute, Minute)).Should().Be(
            "{__name__=\"m\", n=\"1\"} 1@120000\n{__name__=\"m\", n=\"3\"} 0@0 0@60000 0@180000");
    }

    [Fact]
    public async Task TopK_TakesItsParameterStepByStep() =>
        (await Runner("m{n=\"1\"} 1 1 1", "m{n=\"2\"} 2 2 2").Range("topk(scalar(m{n=\"1\"}) * time() / 60, m)", 0,
            2 * Minute, Minute)).Should().Be(
                "{__name__=\"m\", n=\"1\"} 1@120000\n{__name__=\"m\", n=\"2\"} 2@60000 2@120000");

    [Fact]
    public async Task LimitK_TakesTheFirstSeriesAtEachStep_WhenSeriesAlternate() =>
        (await Runner("m{n=\"1\"} 1 stale 1", "m{n=\"2\"} 2 2 2").Range("limitk(1, m)", 0, 2 * Minute, Minute)).Should()
            .Be("{__name__=\"m\", n=\"1\"} 1@0 1@120000\n{__name__=\"m\", n=\"2\"} 2@60000");

    [Fact]
    public async Task LimitRatio_AndItsComplement_ShareTheSeries()
    {
        var lines = Enumerable.Range(0, 40).Select(i => $"m{{n=\"{i}\"}} 1").ToArray();
        var runner = Runner(lines);
        var kept = ((VectorResult)(await runner.RunInstant("limit_ratio(0.3, m)", 0)).Value).Labels.ToArray();
        var others = ((VectorResult)(await runner.RunInstant("limit_ratio(-0.7, m)", 0)).Value).Labels.ToArray();
        kept.Should().OnlyContain(labels => LimitRatioOperator.Share(labels) < 0.3);
        kept.Should().NotBeEmpty().And.NotIntersectWith(others);
        (kept.Length + others.Length).Should().Be(40);
    }

    [Fact]
    public async Task CountValues_MergesNothing_WhenValuesAlternate()
    {
        var runner = Runner("m{n=\"1\"} 1 2 1", "m{n=\"2\"} 1 1 -0", "m{n=\"3\"} NaN 1e30 0.5");
        (await runner.Range("count_values(\"v\", m)", 0, 2 * Minute, Minute)).Should().Be(
            "{v=\"-0\"} 1@120000\n{v=\"0.5\"} 1@120000\n{v=\"1\"} 2@0 1@60000 1@120000\n" +
            "{v=\"1000000000000000000000000000000\"} 1@60000\n{v=\"2\"} 1@60000\n{v=\"NaN\"} 1@0");
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    public async Task CountValues_CountsEveryStep_WhateverTheirNumber(int steps)
    {
        Func<int, int>[] series = [static i => i % 3, static i => i / 50, static i => i % 100];
        var runner = Runner([.. series.Select((value, n) =>
            $"m{{n=\"{n}\"}} " + string.Join(' ', Enumerable.Range(0, steps).Select(value)))]);

        var counted = QueryRunner.Write(
            (await runner.RunRange("count_values(\"v\", m)", 0, (steps - 1) * Minute, Minute)).Value);

        var expected = Enumerable.Range(0, steps)
            .SelectMany(step => series.Select(value => (Value: value(step), Step: step)))
            .GroupBy(static point => point.Value)
            .OrderBy(static value => $"{value.Key}", StringComparer.Ordinal)
            .Select(static value => $"{{v=\"{value.Key}\"}} " + string.Join(' ', value
                .CountBy(static point => point.Step).OrderBy(static count => count.Key)
                .Select(static count => $"{count.Value}@{count.Key * Minute}")));
        counted.Should().Be(string.Join('\n', expected));
    }

    [Fact]
    public async Task CountValues_HoldsLittle_WhenEachValueOccursAtFewSteps()
    {
        // A count per value and step would be 100 MB.
        var runner = new QueryRunner(new InMemoryQuerySource().Load(Minute, "m 0+1x4999"))
        {
            Limits = new QueryLimits { MaxMemoryBytes = 16 << 20 },
        };

        var result = (MatrixResult)(await runner.RunRange("count_values(\"v\", m)", 0, 4999 * Minute, Minute)).Value;

        result.Series.Should().HaveCount(5000);
    }

    [Theory]
    [InlineData("topk(NaN, m)", "Parameter value is NaN")]
    [InlineData("bottomk(NaN, m)", "Parameter value is NaN")]
    [InlineData("limitk(NaN, m)", "Parameter value is NaN")]
    [InlineData("topk(Inf, m)", "Scalar value +Inf overflows int64")]
    [InlineData("topk(1e99, m)", "Scalar value 1e+99 overflows int64")]
    [InlineData("limit_ratio(NaN, m)", "Ratio value is NaN")]
    [InlineData("count_values(\"\", m)", "invalid label name \"\"")]
    [InlineData("count_values(\"\\xff\", m)", "invalid label name \"\\xff\"")]
    public async Task Create_Fails_WhenTheParameterIsWrong(string query, string error)
    {
        var act = () => Fruit().Instant(query, 0);
        (await act.Should().ThrowAsync<QueryException>()).Which.Should().Match<QueryException>(e =>
            e.Kind == QueryErrorKind.Execution && e.Message == error);
    }

    [Fact]
    public async Task TopK_Underflows_WhenTheSmallestParameterIsNoInteger()
    {
        var act = () => Runner("m 1 -1e30").Range("topk(scalar(m), m)", 0, Minute, Minute);
        (await act.Should().ThrowAsync<QueryException>()).WithMessage("Scalar value -1e+30 underflows int64");
    }

    [Theory]
    [InlineData("quantile(1.5, m)", "got 1.5 (1:10)", "+Inf")]
    [InlineData("quantile(-1, m)", "got -1 (1:10)", "-Inf")]
    [InlineData("quantile((NaN), m)", "got NaN (1:11)", "NaN")]
    public async Task Quantile_Warns_WhenItIsOutOfRange(string query, string warning, string value)
    {
        var result = await Fruit().RunInstant(query, 0);
        result.Warnings.Should().Equal("PromQL warning: quantile value should be between 0 and 1, " + warning);
        QueryRunner.Write(result.Value).Should().Be("{} " + value);
    }

    [Theory]
    [InlineData("quantile(2, m) + quantile(2, m)", "(1:27)")]
    [InlineData("quantile(2, quantile by (n) (2, m))", "(1:10)")]
    public async Task Quantile_WarnsOnce_WhenSeveralNodesSayTheSame(string query, string place) =>
        (await Fruit().RunInstant(query, 0)).Warnings.Should().Equal(
            "PromQL warning: quantile value should be between 0 and 1, got 2 " + place);

    [Theory]
    [InlineData("limit_ratio(1.1, m)", "got 1.1, capping to 1 (1:13)")]
    [InlineData("limit_ratio(-1.1, m)", "got -1.1, capping to -1 (1:13)")]
    public async Task LimitRatio_Warns_WhenItIsOutOfRange(string query, string warning)
    {
        var result = await Fruit().RunInstant(query, 0);
        result.Warnings.Should().Equal("PromQL warning: ratio value should be between -1 and 1, " + warning);
        ((VectorResult)result.Value).Count.Should().Be(4);
    }
}
