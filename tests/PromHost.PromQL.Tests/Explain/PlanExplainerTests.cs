using System.Globalization;

namespace PromHost.PromQL.Tests;

public sealed class PlanExplainerTests
{
    private const int Minute = 60_000;

    private readonly InMemoryQuerySource _source = new InMemoryQuerySource().Load(
        10_000, "m_total{a=\"1\"} 0+1x60", "m_total{a=\"2\"} 0+1x60", "m_total{a=\"3\"} 0+1x60", "n{a=\"1\"} 1x60");

    [Theory]
    [InlineData("sum(rate(m_total[1m]))", "Result[11] sum(rate(m_total[1m]))|Fold[11] sum(rate(m_total[1m]))|" +
        "RangeFunctionScan[11] rate(m_total[1m])")]
    [InlineData("m_total * on (a) n > 2", "Result[11] m_total * on (a) n > 2|VectorScalar[11] m_total * on (a) n > 2|" +
        "Join[11] m_total * on (a) n|InstantSelector[11] m_total|InstantSelector[11] n|ConstantScalar[11] 2")]
    [InlineData("max_over_time((n + 1)[1m:30s])", "Result[11] max_over_time((n + 1)[1m:30s])|" +
        "RangeFunctionOverSubquery[11] max_over_time((n + 1)[1m:30s])|VectorScalar[22] n + 1|InstantSelector[22] n|" +
        "ConstantScalar[22] 1")]
    [InlineData("n + topk(1, m_total @ 60)", "Result[11] n + topk(1, m_total @ 60)|" +
        "Join[11] n + topk(1, m_total @ 60)|InstantSelector[11] n|Rank[1]once topk(1, m_total @ 60)|" +
        "InstantSelector[1] m_total @ 60|ConstantScalar[1] 1")]
    [InlineData("1", "Result[11] 1|ConstantScalar[11] 1")]
    public async Task Explain_TellsTheOperators(string query, string expected)
    {
        var plan = await ExplainAsync(query, ExplainMode.Plan);

        string.Join('|', All(plan).Select(Describe)).Should().Be(expected);
        All(plan).Should().AllSatisfy(p => p.Actual.Should().BeNull());
        All(plan).Should().AllSatisfy(p =>
            query[p.Position.Start..p.Position.End].Should().Be(p.Expression));
    }

    [Fact]
    public async Task Explain_ReadsNoSample_WhenItPlansOnly()
    {
        _source.Reading = () => throw new InvalidOperationException("a sample was read");

        var plan = await ExplainAsync("sum by (a) (rate(m_total[5m]))", ExplainMode.Plan);

        var scan = All(plan).Last();
        scan.Place.Should().Be("1:13");
        scan.Details.Should().Equal("reads -299.999 to 600");
        // 899.999 s at one sample per 15 s.
        scan.Estimated.Should().BeEquivalentTo(new { Series = 3, Points = 33, Samples = 180 });
        scan.Estimated.Bytes.Should().BeInRange(1_000, 5_000);
        plan.Estimated.Should().BeEquivalentTo(new { Series = 3, Points = 33, Samples = 0 });
    }

    [Fact]
    public async Task Explain_TellsWhatWasDone_WhenItAnalyzes()
    {
        using var result = await RunAsync("sum(rate(m_total[1m])) / 2", ExplainMode.Analyze);

        QueryRunner.Write(result.Value).Should().StartWith("{} 0.15000000000000002@60000 ");
        var plan = result.Explanation!;
        var actual = All(plan).ToDictionary(p => p.Operator, p => p.Actual!, StringComparer.Ordinal);
        actual["RangeFunctionScan"].Should().BeEquivalentTo(new { Series = 3, Points = 30, Samples = 183 });
        actual["Fold"].Should().BeEquivalentTo(new { Series = 1, Points = 10, Samples = 0 });
        actual["VectorScalar"].Should().BeEquivalentTo(new { Series = 1, Points = 10 });
        actual["ConstantScalar"].Should().BeEquivalentTo(new { Series = 1, Points = 11 });
        actual["Result"].Should().BeEquivalentTo(new { Series = 1, Points = 10 });
        actual["RangeFunctionScan"].Bytes.Should().BeGreaterThan(4096, "a thread has a buffer for decoded samples");
        actual["Fold"].Elapsed.Should().BeGreaterThanOrEqualTo(actual["RangeFunctionScan"].Elapsed);
        actual["Fold"].OwnElapsed.Should().BeCloseTo(
            actual["Fold"].Elapsed - actual["RangeFunctionScan"].Elapsed, TimeSpan.FromMicroseconds(1), "of rounding");
        All(plan).Single(p => p.Operator is "RangeFunctionScan").Estimated.Series.Should().Be(3);
    }

    // Series, points and samples of each operator, below the root in the order of the tree.
    [Theory]
    [InlineData("m_total", "InstantSelector 3 33 183")]
    [InlineData("m_total offset 9m", "InstantSelector 3 6 21")]
    [InlineData("rate(m_total[1m] offset 9m)", "RangeFunctionScan 3 3 21")]
    [InlineData("m_total * on (a) n", "Join 1 11 0|InstantSelector 3 33 183|InstantSelector 1 11 61")]
    [InlineData("m_total + 1", "VectorScalar 3 33 0|InstantSelector 3 33 183|ConstantScalar 1 11 0")]
    [InlineData("max_over_time((n + 1)[1m:30s])", "RangeFunctionOverSubquery 1 11 0|VectorScalar 1 21 0|" +
        "InstantSelector 1 21 61|ConstantScalar 1 22 0")]
    [InlineData("n + topk(1, m_total @ 60)", "Join 1 11 0|InstantSelector 1 11 61|Rank 1 1 0|InstantSelector 3 3 21|" +
        "ConstantScalar 1 1 0")]
    [InlineData("sum(m_total @ 60) / sum(n)", "Join 1 11 0|Fold 1 1 0|InstantSelector 3 3 21|Fold 1 11 0|" +
        "InstantSelector 1 11 61")]
    public async Task Explain_TellsOfEachOperator_WhatItDid(string query, string expected)
    {
        foreach (var workers in (int[])[1, 3])
        {
            using var result = await RunAsync(query, ExplainMode.Analyze, workers);

            string.Join('|', All(result.Explanation!).Skip(1).Select(static p => string.Create(
                CultureInfo.InvariantCulture,
                $"{p.Operator} {p.Actual!.Series} {p.Actual.Points} {p.Actual.Samples}"))).Should().Be(expected);
            All(result.Explanation!).Should().AllSatisfy(static p =>
            {
                p.Estimated.Series.Should().BeGreaterThanOrEqualTo(p.Actual!.Series);
                p.Estimated.Points.Should().BeGreaterThanOrEqualTo(p.Actual.Points);
            });
        }
    }

    [Theory]
    [InlineData("sum(m_total)", "reads -299.999 to 600|labels are not read")]
    [InlineData("quantile by (a) (0.5, m_total)", "reads -299.999 to 600|of the labels only those of by (a) matter")]
    [InlineData("avg without (a) (m_total)", "reads -299.999 to 600|all labels but (a) matter")]
    [InlineData("topk by (a) (1, m_total)", "reads -299.999 to 600")]
    [InlineData("limit_ratio(0.5, m_total)", "reads -299.999 to 600")]
    public async Task Explain_TellsWhichLabelsMatter(string query, string expected)
    {
        var plan = await ExplainAsync(query, ExplainMode.Plan);

        string.Join('|', All(plan).Single(p => p.Operator is "InstantSelector").Details).Should().Be(expected);
    }

    [Fact]
    public async Task Explain_IsNull_WhenNobodyAsks()
    {
        using var result = await RunAsync("m_total", ExplainMode.None);

        result.Explanation.Should().BeNull();
    }

    [Fact]
    public async Task Explain_TellsOfARangeSelector_WhenThatIsTheQuery()
    {
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);
        using var result = await engine.ExecuteInstantAsync(_source, "m_total[1m]", Minute,
            new QueryOptions { Explain = ExplainMode.Analyze }, TestContext.Current.CancellationToken);

        result.Explanation!.Children.Should().BeEmpty();
        result.Explanation.Estimated.Series.Should().Be(3);
        result.Explanation.Actual.Should().BeEquivalentTo(new { Series = 3, Points = 18, Samples = 18 });
    }

    private static IEnumerable<PlanExplanation> All(PlanExplanation plan) =>
        plan.Children.SelectMany(All).Prepend(plan);

    private static string Describe(PlanExplanation plan)
    {
        var isOnce = plan.Details.Contains("evaluated once, the same at every step", StringComparer.Ordinal);
        var once = isOnce ? "once" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{plan.Operator}[{plan.Steps}]{once} {plan.Expression}");
    }

    private async Task<PlanExplanation> ExplainAsync(string query, ExplainMode mode)
    {
        using var result = await RunAsync(query, mode);
        result.Value.Should().BeOfType<NoResult>();
        return result.Explanation!;
    }

    private async Task<QueryResult> RunAsync(string query, ExplainMode mode, int workers = 1)
    {
        using var engine = new QueryEngine(
            new QueryLimits { Workers = workers }, new QueryFeatures { ExperimentalFunctions = true },
            TimeProvider.System);
        return await engine.ExecuteRangeAsync(_source, query, 0, 10 * Minute, Minute,
            new QueryOptions { Explain = mode }, TestContext.Current.CancellationToken);
    }
}
