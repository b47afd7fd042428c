using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class QueryMemoryTests
{
    private const int Minute = 60_000;

    [Theory]
    [InlineData("sum by (i) (m)", "sum by (i) (m)")]
    [InlineData("1 + sum by (i) (m)", "sum by (i) (m)")]
    [InlineData("quantile by (i) (0.5, m) > 0", "quantile by (i) (0.5, m)")]
    [InlineData("topk(100, m)", "topk(100, m)")]
    [InlineData("count_values(\"v\", m + on (i) group_left () (m * 0))", "m + on (i) group_left () (m * 0)")]
    [InlineData("limitk by (i) (1, m)", "limitk by (i) (1, m)")]
    [InlineData("m", "m")]
    [InlineData("max_over_time(m[10y:1s])", "m")]
    [InlineData("label_replace(m, \"j\", \"x\", \"\", \"\")", "label_replace(m, \"j\", \"x\", \"\", \"\")")]
    public async Task ExecuteRangeAsync_NamesTheSubExpression_WhenItHoldsTooMuch(string query, string culprit)
    {
        var limits = new QueryLimits { MaxMemoryBytes = 700_000, MaxSamples = int.MaxValue, Workers = 1 };
        var runner = new QueryRunner(Series(100)) { Limits = limits };

        var run = () => runner.RunRange(query, 0, 1000 * Minute, Minute);

        (await run.Should().ThrowAsync<QueryException>()).Which.Should().Match<QueryException>(e =>
            e.Kind == QueryErrorKind.Execution &&
            e.Message.StartsWith("query would hold more than 683KiB of memory in ", StringComparison.Ordinal) &&
            e.Message.Contains($" in \"{culprit}\" (1:", StringComparison.Ordinal) &&
            e.Message.EndsWith("or raise --query.max-memory", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sum(m)")]
    [InlineData("sum(rate(m[5m]))")]
    [InlineData("count(m > 3)")]
    [InlineData("sum(label_replace(m, \"j\", \"x\", \"\", \"\"))")]
    public async Task ExecuteRangeAsync_HoldsNoRows_WhenTheyAreFolded(string query)
    {
        var limits = new QueryLimits { MaxMemoryBytes = 700_000, Workers = 1 };
        var runner = new QueryRunner(Series(100)) { Limits = limits };

        var result = await runner.RunRange(query, 0, 1000 * Minute, Minute);

        ((MatrixResult)result.Value).Series.Should().ContainSingle();
    }

    [Fact]
    public async Task ExecuteInstantAsync_PlacesTheSubExpression_WhenItIsOnALaterLine()
    {
        var runner = new QueryRunner(Series(100)) { Limits = new QueryLimits { MaxMemoryBytes = 9_000 } };

        var run = () => runner.RunInstant("\n  sum by (i) (\n  m)", Minute);

        (await run.Should().ThrowAsync<QueryException>()).Which.Message.Should().Contain("(3:3)");
    }

    [Fact]
    public async Task HeldBytes_AreThoseOfTheAnswer_UntilItIsDisposed()
    {
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);

        var result = await engine.ExecuteRangeAsync(
            Series(10), "m", 0, 100 * Minute, Minute, null, TestContext.Current.CancellationToken);

        engine.HeldBytes.Should().BeInRange(10 * 101 * 8, 20_000);
        result.Dispose();
        engine.HeldBytes.Should().Be(0);
        engine.ActiveQueries.Should().BeEmpty();
    }

    [Theory]
    [InlineData("sum by (i) (m)")]
    [InlineData("m + nothing[")]
    public async Task HeldBytes_AreNone_WhenAQueryFailed(string query)
    {
        using var engine = new QueryEngine(
            new QueryLimits { MaxMemoryBytes = 1000 }, new QueryFeatures(), TimeProvider.System);

        var run = () => engine.ExecuteInstantAsync(
            Series(10), query, Minute, null, TestContext.Current.CancellationToken);

        await run.Should().ThrowAsync<QueryException>();
        engine.HeldBytes.Should().Be(0);
        engine.ActiveQueries.Should().BeEmpty();
    }

    [Fact]
    public async Task ExecuteRangeAsync_Accepts_WhatHoldsNoMoreThanTheLimitAtATime()
    {
        // Upstream lets go of the operands of an operation before it goes on with the next: 300 samples at a time.
        var runner = new QueryRunner(Series(10)) { Limits = new QueryLimits { MaxSamples = 110 } };

        var result = await runner.RunRange("m + m + m + m + m", 0, 10 * Minute, Minute);

        ((MatrixResult)result.Value).Series.Should().HaveCount(10);
    }

    [Fact]
    public async Task ExecuteRangeAsync_Refuses_WhenTheAnswerHasTooManySamples()
    {
        var runner = new QueryRunner(Series(10)) { Limits = new QueryLimits { MaxSamples = 109 } };

        var run = () => runner.RunRange("m", 0, 10 * Minute, Minute);

        (await run.Should().ThrowAsync<QueryException>()).WithMessage(QueryContext.TooManySamplesText);
    }

    [Theory]
    [InlineData("count_over_time(m[1h:1s])", "11")]
    [InlineData("count_over_time(nothing[1h:1s]) or vector(0)", "0")]
    public async Task ExecuteInstantAsync_Accepts_SubqueryOfMoreStepsThanSamples(string query, string expected)
    {
        // One sample lasts for one step here, so that there are points at eleven steps of 3,600 only.
        var runner = new QueryRunner(Series(1))
        {
            Limits = new QueryLimits { MaxSamples = 20, LookbackDelta = TimeSpan.FromSeconds(1) },
        };

        (await runner.Instant(query, 10 * Minute)).Should().EndWith(expected);
    }

    [Theory]
    [InlineData("count_over_time(nothing[1h:1s])", 20_000, "max-memory")]
    [InlineData("count_over_time(nothing[60y:1ms])", long.MaxValue, "too many samples")]
    public async Task ExecuteInstantAsync_Refuses_SubqueryWhoseRowIsTooLong(string query, long maxBytes, string text)
    {
        var runner = new QueryRunner(Series(1)) { Limits = new QueryLimits { MaxMemoryBytes = maxBytes } };

        var run = () => runner.RunInstant(query, 10 * Minute);

        (await run.Should().ThrowAsync<QueryException>()).WithMessage($"*{text}*");
    }

    private static InMemoryQuerySource Series(int count)
    {
        var source = new InMemoryQuerySource();
        for (var i = 0; i < count; i++)
        {
            var labels = Labels.FromPairs(("__name__", "m"), ("i", i.ToString(provider: null)));
            source.Add(labels, [.. Enumerable.Range(0, 1001).Select(t => new FloatSample(t * Minute, i))]);
        }

        return source;
    }
}
