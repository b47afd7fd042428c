using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class HistogramAggregationTests
{
    private const long Minute = 60_000;

    // Floats and histograms take turns, and not in both series at the same steps.
    private static QueryRunner Alternating() => Runner(
        "m{n=\"1\"} 1 {{count:3 sum:4 buckets:[1 2]}} {{count:3 sum:4 buckets:[1 2]}} _ {{count:1 sum:1 buckets:[1]}}",
        "m{n=\"2\"} 2 {{count:1 sum:2 buckets:[1]}} 5 {{count:2 sum:3 buckets:[0 2]}} _",
        "m{n=\"3\"} _ _ _ 7 {{schema:-53 count:1 sum:1 custom_values:[5] buckets:[1]}}");

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines))
        {
            Limits = new QueryLimits { LookbackDelta = TimeSpan.FromMinutes(1) },
        };

    [Theory]
    [InlineData("sum", "{} 3@0 {{count:4 sum:6 buckets:[2 2]}}@60000")]
    [InlineData("avg", "{} 1.5@0 {{count:2 sum:3 buckets:[1 1]}}@60000")]
    [InlineData("count", "{} 2@0 2@60000 2@120000 2@180000 2@240000")]
    [InlineData("group", "{} 1@0 1@60000 1@120000 1@180000 1@240000")]
    [InlineData("min", "{} 1@0 5@120000 7@180000")]
    [InlineData("max", "{} 2@0 5@120000 7@180000")]
    [InlineData("stddev", "{} 0.5@0 0@120000 0@180000")]
    [InlineData("stdvar", "{} 0.25@0 0@120000 0@180000")]
    public async Task Fold_TakesWhatTheStepHas_WhenFloatsAndHistogramsAlternate(string aggregation, string expected) =>
        (await Alternating().Range($"{aggregation}(m)", 0, 4 * Minute, Minute)).Should().Be(expected);

    [Theory]
    [InlineData("quantile(1, m)", "{} 2@0 5@120000 7@180000", "quantile", "1:13")]
    [InlineData("topk(1, m)",
        "{__name__=\"m\", n=\"2\"} 2@0 5@120000\n{__name__=\"m\", n=\"3\"} 7@180000", "topk", "1:1")]
    [InlineData("bottomk(1, m)",
        "{__name__=\"m\", n=\"1\"} 1@0\n{__name__=\"m\", n=\"2\"} 5@120000\n{__name__=\"m\", n=\"3\"} 7@180000",
        "bottomk", "1:1")]
    [InlineData("max(m)", "{} 2@0 5@120000 7@180000", "max", "1:5")]
    [InlineData("stdvar((m))", "{} 0.25@0 0@120000 0@180000", "stdvar", "1:9")]
    public async Task Aggregation_SaysSo_WhenItPassesOverHistograms(
        string query, string expected, string aggregation, string place)
    {
        var result = await Alternating().RunRange(query, 0, 4 * Minute, Minute);
        QueryRunner.Write(result.Value).Should().Be(expected);
        result.Infos.Should().Equal(
            $"PromQL info: ignored histogram in {aggregation} aggregation ({place})");
        result.Warnings.Should().BeEmpty();
    }

    [Fact]
    public async Task Sum_WarnsOfEachKindOfMixture_WhenPointsDoNotGoTogether()
    {
        var result = await Alternating().RunRange("sum(m)", 0, 4 * Minute, Minute);
        result.Warnings.Should().BeEquivalentTo(
            "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)",
            "PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for " +
            "metric name \"m\" (1:5)");
    }

    [Fact]
    public async Task TopK_IsSilent_WhenNothingIsAskedForAtTheStepsOfHistograms()
    {
        var runner = Runner("m 1 {{count:1 sum:1 buckets:[1]}} 3", "k 1 0 1");
        var result = await runner.RunRange("topk(scalar(k), m)", 0, 2 * Minute, Minute);
        QueryRunner.Write(result.Value).Should().Be("{__name__=\"m\"} 1@0 3@120000");
        result.Infos.Should().BeEmpty();
    }

    [Fact]
    public async Task Sum_IgnoresAllThatFollows_WhenHistogramsDidNotGoTogether()
    {
        // A float behind them is no mixture any more; a float before them is one.
        var runner = Runner(
            "m{n=\"1\"} {{count:1 sum:1 buckets:[1]}} 1",
            "m{n=\"2\"} {{schema:-53 count:1 sum:1 custom_values:[5] buckets:[1]}} {{count:1 sum:1 buckets:[1]}}",
            "m{n=\"3\"} 1 {{schema:-53 count:1 sum:1 custom_values:[5] buckets:[1]}}");
        var broken = await runner.RunInstant("sum(m)", 0);
        QueryRunner.Write(broken.Value).Should().BeEmpty();
        broken.Warnings.Should().ContainSingle().Which.Should().Contain("exponential and custom");
        var mixed = await runner.RunInstant("sum(m)", Minute);
        QueryRunner.Write(mixed.Value).Should().BeEmpty();
        mixed.Warnings.Should().ContainSingle().Which.Should().Contain("mix of histograms and floats");
    }

    [Theory]
    [InlineData("sum")]
    [InlineData("avg")]
    public async Task Fold_WarnsOfHints_OnlyWhereThereIsAResult(string aggregation)
    {
        var runner = Runner(
            "m{n=\"1\"} {{count:1 sum:1 counter_reset_hint:reset buckets:[1]}}",
            "m{n=\"2\"} {{count:1 sum:1 counter_reset_hint:not_reset buckets:[1]}}",
            "x{n=\"3\"} 1");
        var result = await runner.RunInstant($"{aggregation}(m)", 0);
        result.Warnings.Should().Equal(
            "PromQL warning: conflicting counter resets during histogram aggregation (1:5)");
        var mixed = await runner.RunInstant($"{aggregation}({{n!=\"\"}})", 0);
        mixed.Warnings.Should().Equal(
            "PromQL warning: encountered a mix of histograms and floats for aggregation (1:5)");
    }

    [Fact]
    public async Task Avg_ReconcilesCustomBounds_AndSaysSo()
    {
        var runner = Runner(
            "m{n=\"1\"} {{schema:-53 count:2 sum:2 custom_values:[5 10] buckets:[1 1]}}",
            "m{n=\"2\"} {{schema:-53 count:4 sum:4 custom_values:[5] buckets:[1 3]}}");
        var result = await runner.RunInstant("avg(m)", 0);
        QueryRunner.Write(result.Value).Should()
            .Be("{} {{schema:-53 count:3 sum:3 custom_values:[5] buckets:[1 2]}}");
        result.Infos.Should().Equal(
            "PromQL info: mismatched custom buckets were reconciled during aggregation (1:5)");
    }

    [Fact]
    public async Task CountValues_WritesHistogramsAsText_BesideFloats() =>
        (await Alternating().Range("count_values(\"v\", m)", 0, 2 * Minute, Minute)).Should().Be(
            "{v=\"1\"} 1@0\n{v=\"2\"} 1@0\n{v=\"5\"} 1@120000\n" +
            "{v=\"{count:1, sum:2, (0.5,1]:1}\"} 1@60000\n" +
            "{v=\"{count:3, sum:4, (0.5,1]:1, (1,2]:2}\"} 1@60000 1@120000");

    [Fact]
    public async Task CountValues_CountsBothTogether_WhenTheValueIsDropped() =>
        (await Alternating().Range("count_values without (n, v) (\"v\", m)", 0, 2 * Minute, Minute))
            .Should().Be("{} 2@0 2@60000 2@120000");

    [Theory]
    [InlineData("limitk(1, m)")]
    [InlineData("limit_ratio(1, m{n=\"1\"})")]
    public async Task Limit_PassesHistogramsOn(string query) =>
        (await Alternating().Range(query, 0, 2 * Minute, Minute)).Should().Be(
            "{__name__=\"m\", n=\"1\"} 1@0 {{count:3 sum:4 buckets:[1 2]}}@60000 " +
            "{{count:3 sum:4 buckets:[1 2]}}@120000");

    [Fact]
    public void Fold_AllocatesNothingPerRow_WhenLayoutsAreEqual()
    {
        var histogram = HistogramNotation.Read("{{count:3 sum:4 buckets:[1 2 3 4 5 6 7 8]}}");
        var labels = Labels.Empty;
        var context = QueryContexts.Make();
        var sum = (AggregateExpression)Parser.ParseExpression("sum(m)");
        var fold = new HistogramFold<HistogramSum>(context, sum, 100, static workspace => new HistogramSum(workspace));
        var row = new SeriesRow(100);
        var floats = new ulong[2];
        Fold(); // The second addition gives room for what rounding takes.
        Fold();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) Fold();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);

        void Fold()
        {
            row.Clear();
            for (var step = 0; step < 100; step++) row.Set(step, histogram);
            fold.Fold(0, row, floats, labels);
        }
    }
}
