using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class QueryEngineTests
{
    private const long Minute = 60_000;

    [Fact]
    public async Task ExecuteInstantAsync_TakesNewestSampleOfLookback_WhenWindowIsLeftOpen()
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(Minute, "m{a=\"b\"} 1 2 _ _ _ _ _ _"));

        (await runner.Instant("m", 5 * Minute)).Should().Be("{__name__=\"m\", a=\"b\"} 2");
        (await runner.Instant("m", 6 * Minute - 1)).Should().Be("{__name__=\"m\", a=\"b\"} 2");
        (await runner.Instant("m", 6 * Minute)).Should().BeEmpty();
        (await runner.Range("m", 0, 10 * Minute, 3 * Minute)).Should()
            .Be("{__name__=\"m\", a=\"b\"} 1@0 2@180000");
    }

    [Fact]
    public async Task HeldSamples_AreThoseOfTheQueriesThatRun()
    {
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);
        var held = new List<long>();
        var source = new InMemoryQuerySource { Reading = () => held.Add(engine.HeldSamples) }
            .Load(Minute, "m{a=\"b\"} 1 2 3", "m{a=\"c\"} 1 2 3");

        var result = await engine.ExecuteInstantAsync(
            source, "m[5m]", 2 * Minute, null, TestContext.Current.CancellationToken);

        held.Should().Equal(0, 3);
        engine.HeldSamples.Should().Be(6);
        result.Dispose();
        engine.HeldSamples.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExecuteInstantAsync_FindsNothing_WhenNewestSampleIsStale(bool answersLatest)
    {
        var source = new InMemoryQuerySource { AnswersLatest = answersLatest }.Load(Minute, "m 1 stale");
        var runner = new QueryRunner(source);

        (await runner.Instant("m", Minute)).Should().BeEmpty();
        (await runner.Instant("m", Minute - 1)).Should().Be("{__name__=\"m\"} 1");
        (await runner.Instant("last_over_time(m[5m])", Minute)).Should().Be("{__name__=\"m\"} 1");
        (await runner.Range("m", 0, Minute, Minute)).Should().Be("{__name__=\"m\"} 1@0");
    }

    [Theory]
    [InlineData("rate(c_total[1m])", "{} 1")]
    [InlineData("increase(c_total[1m])", "{} 60")]
    [InlineData("irate(c_total[1m])", "{} 1")]
    [InlineData("delta(c_total[1m])", "{} 60")]
    [InlineData("idelta(c_total[1m])", "{} 10")]
    [InlineData("deriv(c_total[1m])", "{} 1")]
    [InlineData("predict_linear(c_total[1m], 10)", "{} 310")]
    [InlineData("count_over_time(c_total[1m])", "{} 6")]
    [InlineData("sum_over_time(c_total[30s])", "{} 870")]
    [InlineData("avg_over_time(c_total[30s])", "{} 290")]
    [InlineData("min_over_time(c_total[30s])", "{} 280")]
    [InlineData("max_over_time(c_total[30s])", "{} 300")]
    [InlineData("quantile_over_time(0.5, c_total[30s])", "{} 290")]
    [InlineData("first_over_time(c_total[30s])", "{__name__=\"c_total\"} 280")]
    [InlineData("changes(c_total[30s])", "{} 2")]
    [InlineData("resets(c_total[30s])", "{} 0")]
    [InlineData("stdvar_over_time(c_total[30s])", "{} 66.66666666666667")]
    [InlineData("mad_over_time(c_total[30s])", "{} 10")]
    [InlineData("ts_of_max_over_time(c_total[30s])", "{} 300")]
    [InlineData("ts_of_min_over_time(c_total[30s])", "{} 280")]
    [InlineData("double_exponential_smoothing(c_total[30s], 0.5, 0.5)", "{} 300")]
    [InlineData("max_over_time(rate(c_total[1m])[2m:30s])", "{} 1")]
    [InlineData("absent_over_time(nothing{a=\"b\", c=~\"d\"}[1m])", "{a=\"b\"} 1")]
    [InlineData("absent_over_time(c_total[1m])", "")]
    [InlineData("timestamp(c_total)", "{} 300")]
    [InlineData("timestamp(c_total @ 100 offset 1m)", "{} 40")]
    [InlineData("timestamp(c_total @ 100 offset -1m)", "{} 100")]
    [InlineData("timestamp(c_total @ 100 offset 5m)", "")]
    [InlineData("c_total @ 100", "{__name__=\"c_total\"} 100")]
    [InlineData("c_total offset 1m", "{__name__=\"c_total\"} 240")]
    [InlineData("c_total offset -10s", "{__name__=\"c_total\"} 310")]
    [InlineData("c_total offset (2 * 30s)", "{__name__=\"c_total\"} 240")]
    [InlineData("sum(c_total)", "{} 300")]
    [InlineData("c_total[20s]", "{__name__=\"c_total\"} 290@290000 300@300000")]
    [InlineData("c_total[1m:30s]", "{__name__=\"c_total\"} 270@270000 300@300000")]
    [InlineData("1 + 2", "3")]
    [InlineData("\"text\"", "text")]
    public async Task ExecuteInstantAsync_Evaluates_WhenSeriesGrowsByOnePerSecond(string query, string expected)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(10_000, "c_total 0+10x100"));

        (await runner.Instant(query, 300_000)).Should().Be(expected);
    }

    [Theory]
    [InlineData("c_total @ 100", "{__name__=\"c_total\"} 100@100000 100@160000 100@220000")]
    [InlineData("c_total @ start()", "{__name__=\"c_total\"} 100@100000 100@160000 100@220000")]
    [InlineData("c_total @ end() offset 20s", "{__name__=\"c_total\"} 200@100000 200@160000 200@220000")]
    [InlineData("sum_over_time(c_total[20s] @ 100)", "{} 190@100000 190@160000 190@220000")]
    [InlineData("predict_linear(c_total[1m] @ 100, 0)", "{} 100@100000 160@160000 220@220000")]
    [InlineData("timestamp(c_total @ 95)", "{} 90@100000 90@160000 90@220000")]
    [InlineData("sum_over_time(c_total[60s:30s])", "{} 150@100000 270@160000 390@220000")]
    [InlineData("sum_over_time(c_total[60s:30s] @ 100)", "{} 150@100000 150@160000 150@220000")]
    [InlineData("sum_over_time((c_total @ 50)[60s:30s])", "{} 100@100000 100@160000 100@220000")]
    [InlineData("count_over_time(c_total[step()])", "{} 6@100000 6@160000 6@220000")]
    [InlineData("3", "{} 3@100000 3@160000 3@220000")]
    public async Task ExecuteRangeAsync_Evaluates_WhenSeriesGrowsByOnePerSecond(string query, string expected)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(10_000, "c_total 0+10x100"));

        (await runner.Range(query, 100_000, 220_000, Minute)).Should().Be(expected);
    }

    [Theory]
    [InlineData("rate(m[1m])", "info: metric might not be a counter, name does not end in " +
        "_total/_sum/_count/_bucket: \"m\" (1:6)")]
    [InlineData("\n sum(increase(m[1m]))", "info: metric might not be a counter, name does not end in " +
        "_total/_sum/_count/_bucket: \"m\" (2:15)")]
    [InlineData("rate(m[1m:10s])", "info: metric might not be a counter, name does not end in " +
        "_total/_sum/_count/_bucket: \"m\" (1:1)")]
    [InlineData("quantile_over_time(2, m[1m])", "warning: quantile value should be between 0 and 1, got 2 (1:20)")]
    [InlineData("quantile(2, quantile(2, m))", "warning: quantile value should be between 0 and 1, got 2 (1:10)")]
    [InlineData("rate(m[1m]) + rate(m[2m])", "info: metric might not be a counter, name does not end in " +
        "_total/_sum/_count/_bucket: \"m\" (1:20)")]
    [InlineData("rate(m_total[1m])", "")]
    [InlineData("rate(nothing[1m])", "")]
    public async Task ExecuteInstantAsync_Annotates_WithPlace(string query, string expected)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(10_000, "m 0+10x100", "m_total 0+10x100"));

        var result = await runner.RunInstant(query, 300_000);

        string.Join('\n', result.Warnings.Concat(result.Infos)).Should()
            .Be(expected.Length == 0 ? "" : "PromQL " + expected);
    }

    [Theory]
    [InlineData("rate(m_total[1m])", "got \"\": \"m_total\" (1:6)")]
    [InlineData("increase(g[1m])", "got \"gauge\": \"g\" (1:10)")]
    [InlineData("rate(c[1m])", null)]
    [InlineData("rate(h[1m])", null)]
    [InlineData("delta(g[1m])", null)]
    public async Task ExecuteInstantAsync_AsksTheTypeLabelForCounters_WithTypeAndUnitLabels(string query, string? got)
    {
        var source = new InMemoryQuerySource().Load(10_000, "m_total 0+10x100", "g{__type__=\"gauge\"} 0+10x100",
            "c{__type__=\"counter\"} 0+10x100", "h{__type__=\"histogram\"} 0+10x100");
        var runner = new QueryRunner(source) { Features = new QueryFeatures { TypeAndUnitLabels = true } };

        var result = await runner.RunInstant(query, 300_000);

        result.Infos.Should().Equal(got is null ? [] :
        [
            "PromQL info: metric might not be a counter, __type__ label is not set to \"counter\" or " +
            "\"histogram\", " + got,
        ]);
    }

    [Theory]
    [InlineData("m[", QueryErrorKind.BadData)]
    [InlineData("m[1m]", QueryErrorKind.BadData)]
    [InlineData("rate({__name__=~\"m|n\"}[1m])", QueryErrorKind.Execution)]
    [InlineData("double_exponential_smoothing(m[1m], 1, 0.5)", QueryErrorKind.Execution)]
    [InlineData("sum_over_time(m[0 * 1m])", QueryErrorKind.BadData)]
    public async Task ExecuteRangeAsync_Fails_WithKind(string query, QueryErrorKind kind)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(10_000, "m 0+10x100", "n 0+10x100"));

        var run = () => runner.RunRange(query, 100_000, 220_000, Minute);

        (await run.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(kind);
    }

    [Fact]
    public async Task ExecuteRangeAsync_MergesSeries_WhenEqualLabelsAlternateInTime()
    {
        var source = new InMemoryQuerySource().Load(Minute, "a 1 stale _ _", "b _ _ 2 3");

        var late = new QueryRunner(source) { Features = new QueryFeatures { DelayedNameRemoval = true } };
        (await late.Range("-{__name__=~\"a|b\"}", 0, 3 * Minute, Minute)).Should().Be("{} -1@0 -2@120000 -3@180000");
        var early = new QueryRunner(source);
        (await early.Range("-{__name__=~\"a|b\"}", 0, 3 * Minute, Minute)).Should().Be("{} -1@0 -2@120000 -3@180000");

        // Functions of ranges check the whole matrix, but not with delayed removal.
        (await late.Range("sum_over_time({__name__=~\"a|b\"}[1m])", 0, 3 * Minute, Minute)).Should()
            .Be("{} 1@0 2@120000 3@180000");
        var run = () => early.Range("sum_over_time({__name__=~\"a|b\"}[1m])", 0, 3 * Minute, Minute);
        (await run.Should().ThrowAsync<QueryException>()).WithMessage(SameLabelsMerge.ErrorText);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExecuteInstantAsync_Fails_WhenEqualLabelsMeetAtOneTime(bool delayed)
    {
        var source = new InMemoryQuerySource().Load(Minute, "a 1", "b 2");
        var runner = new QueryRunner(source) { Features = new QueryFeatures { DelayedNameRemoval = delayed } };

        var run = () => runner.Instant("-{__name__=~\"a|b\"}", 0);

        (await run.Should().ThrowAsync<QueryException>()).WithMessage(SameLabelsMerge.ErrorText);
        if (delayed) (await runner.Instant("sum(-{__name__=~\"a|b\"})", 0)).Should().Be("{} -3");
    }

    [Theory]
    [InlineData("m", 5, 5)]
    [InlineData("m @ 60", 5, 1)]
    [InlineData("rate(m[2m])", 9, 5)]
    [InlineData("sum_over_time(m[2m] @ 120)", 10, 2)]
    [InlineData("sum_over_time(m[2m:1m])", 9, 5)]
    public async Task ExecuteRangeAsync_CountsSamples_AsUpstream(string query, long total, long read)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(Minute, "m 0+1x10"));

        var result = await runner.RunRange(query, 0, 4 * Minute, Minute);

        result.Statistics.TotalQueryableSamples.Should().Be(total);
        result.Statistics.SamplesRead.Should().Be(read);
    }

    [Fact]
    public async Task ExecuteRangeAsync_Fails_WhenSamplesExceedLimit()
    {
        var source = new InMemoryQuerySource().Load(Minute, "m 0+1x10");
        var runner = new QueryRunner(source) { Limits = new QueryLimits { MaxSamples = 4 } };

        (await runner.Range("sum_over_time(m[4m])", 0, 3 * Minute, Minute)).Should().NotBeEmpty();
        foreach (var query in new[] { "m", "sum_over_time(m[5m])" })
        {
            var run = () => runner.RunRange(query, 0, 10 * Minute, Minute);
            (await run.Should().ThrowAsync<QueryException>())
                .WithMessage("query processing would load too many samples into memory in query execution");
        }
    }

    [Fact]
    public async Task ExecuteInstantAsync_EndsWithKind_WhenCanceledOrTimedOut()
    {
        var source = new InMemoryQuerySource().Load(Minute, "m 1");
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();

        var cancel = () => engine.ExecuteInstantAsync(source, "m", 0, null, canceled.Token);
        var time = () => engine.ExecuteInstantAsync(
            source, "m", 0, new QueryOptions { Timeout = TimeSpan.Zero }, CancellationToken.None);

        (await cancel.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(QueryErrorKind.Canceled);
        (await time.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(QueryErrorKind.Timeout);
    }

    [Fact]
    public async Task ExecuteRangeAsync_OrdersByLabels_AndInstantKeepsOrder()
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(Minute, "m{a=\"2\"} 1", "m{a=\"1\"} 2"));

        (await runner.Range("m", 0, Minute, 2 * Minute)).Should()
            .Be("{__name__=\"m\", a=\"1\"} 2@0\n{__name__=\"m\", a=\"2\"} 1@0");
        (await runner.Instant("m", 0)).Should().Be("{__name__=\"m\", a=\"2\"} 1\n{__name__=\"m\", a=\"1\"} 2");
    }

    [Fact]
    public async Task ExecuteRangeAsync_TellsStorage_WhatIsRead()
    {
        var source = new InMemoryQuerySource();
        var runner = new QueryRunner(source);

        await runner.RunRange("sum by (x) (rate(m[5m] offset 1m)) + sum without (y) (n)", 600_000, 1_200_000, Minute);

        source.Selections[0].Should().BeEquivalentTo(new
        {
            StartMs = 240_001L,
            EndMs = 1_140_000L,
            StepMs = Minute,
            RangeMs = 5 * Minute,
            Function = "rate",
            By = false,
            Grouping = (LabelNameSet?)null,
        });
        source.Selections[1].Function.Should().Be("sum");
        source.Selections[1].By.Should().BeFalse();
        source.Selections[1].Grouping!.Contains("y"u8).Should().BeTrue();
        source.Selections[1].StartMs.Should().Be(300_001);
    }

    [Theory]
    [InlineData("count(m)", true)]
    [InlineData("sum((m offset 1m))", true)]
    [InlineData("max by () (m)", true)]
    [InlineData("count by (x) (m)", false)]
    [InlineData("count without () (m)", false)]
    [InlineData("sum(-m)", false)]
    [InlineData("sum(rate(m[5m]))", false)]
    [InlineData("topk(1, m)", false)]
    [InlineData("count_values(\"v\", m)", false)]
    [InlineData("limitk(1, m)", false)]
    [InlineData("count(m + m)", false)]
    public async Task ExecuteRangeAsync_TellsTheStorage_WhetherLabelsAreLookedAt(string query, bool isWithout)
    {
        var source = new InMemoryQuerySource().Load(Minute, "m{x=\"1\"} 1+1x40", "m{x=\"2\"} 1+1x40");
        var runner = new QueryRunner(source);

        await runner.RunRange(query, 600_000, 1_200_000, Minute);

        source.Selections.Should().OnlyContain(hints => hints.WithoutLabels == isWithout);
    }

    [Theory]
    [InlineData("l / on (a) r")]
    [InlineData("l / on (a) group_left () r + on (a, b) group_left () vector(0)")]
    [InlineData("histogram_quantile(0.5, l / on (a) r)")]
    public async Task ExecuteInstantAsync_Fails_WhenDuplicatesOfOneSideHaveNoPartner(string query)
    {
        var source = new InMemoryQuerySource().Load(
            Minute, "l{a=\"1\", b=\"1\"} stale", "l{a=\"1\", b=\"2\"} stale", "l{a=\"2\", b=\"1\"} 1",
            "r{a=\"1\", b=\"1\"} 1", "r{a=\"1\", b=\"2\"} 1");

        var run = () => new QueryRunner(source).Instant(query, 0);

        (await run.Should().ThrowAsync<QueryException>()).WithMessage("found duplicate series*");
    }

    [Theory]
    [InlineData("sum_over_time(m[1y])")]
    [InlineData("sum_over_time(m[1y:1s])")]
    public async Task ExecuteRangeAsync_IsCanceled_InTheMiddleOfASeries(string query)
    {
        using var cancel = new CancellationTokenSource();
        var source = new InMemoryQuerySource { Reading = cancel.Cancel }.Add(
            Labels.FromPairs(("__name__", "m")),
            [.. Enumerable.Range(0, 20_000).Select(i => new FloatSample(i * 1000, i))]);
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);

        var run = () => engine.ExecuteRangeAsync(source, query, 20_000_000, 30_000_000, 1000, null, cancel.Token);

        (await run.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(QueryErrorKind.Canceled);
    }

    [Fact]
    public async Task ExecuteRangeAsync_AnswersAll_WhenManyAskAtOnce()
    {
        var source = new InMemoryQuerySource();
        for (var i = 0; i < 200; i++)
        {
            source.Add(
                Labels.FromPairs(("__name__", "m"), ("i", $"{i}")),
                [.. Enumerable.Range(0, 200).Select(k => new FloatSample(k * 10_000, k * i))]);
        }

        var limits = new QueryLimits { MaxConcurrency = 3, Workers = 3 };
        using var engine = new QueryEngine(limits, new QueryFeatures(), TimeProvider.System);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => engine.ExecuteRangeAsync(
            source, "sum(rate(m[1m]))", 100_000, 1_900_000, 10_000, null, TestContext.Current.CancellationToken)));

        answers.Select(a => QueryRunner.Write(a.Value)).Distinct(StringComparer.Ordinal).Should().ContainSingle();
    }
}
