using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class ActiveQueryTests : IDisposable
{
    private readonly ManualResetEventSlim _isReading = new();
    private readonly ManualResetEventSlim _mayRead = new();
    private readonly InMemoryQuerySource _source = new();

    public ActiveQueryTests()
    {
        _source.Load(60_000, "m{a=\"b\"} 1 2 3", "m{a=\"c\"} 1 2 3");
        _source.Reading = () =>
        {
            _isReading.Set();
            _mayRead.Wait(TestContext.Current.CancellationToken);
        };
    }

    [Fact]
    public async Task ActiveQueries_TellWhatRuns()
    {
        using var engine = Engine(concurrency: 1);
        var origin = new QueryOrigin("1.2.3.4:5", "agent", [new("X-Panel-Id", "7")]);
        var running = Run(engine, "sum(m)", new QueryOptions { Origin = origin });
        _isReading.Wait(TestContext.Current.CancellationToken);
        var queued = Run(engine, "m", QueryOptions.Default);

        var list = engine.ActiveQueries;

        list.Select(q => (q.Id, q.Text, q.State)).Should().Equal(
            (1, "sum(m)", ActiveQueryState.Running), (2, "m", ActiveQueryState.Queued));
        list[0].Origin.Should().BeSameAs(origin);
        list[0].HeldBytes.Should().BePositive();
        _mayRead.Set();
        var result = await running;
        engine.ActiveQueries[0].State.Should().Be(ActiveQueryState.Answering);
        result.Dispose();
        (await queued).Dispose();
        engine.ActiveQueries.Should().BeEmpty();
    }

    [Fact]
    public async Task End_EndsAQueryThatWaits()
    {
        using var engine = Engine(concurrency: 1);
        var running = Run(engine, "m", QueryOptions.Default);
        _isReading.Wait(TestContext.Current.CancellationToken);
        var queued = Run(engine, "m", QueryOptions.Default);

        engine.FindActiveQuery(2)!.End();

        (await FluentActions.Awaiting(() => queued).Should().ThrowAsync<QueryException>()).Which.Should()
            .Match<QueryException>(e => e.Kind == QueryErrorKind.Canceled && e.Message ==
                "query was canceled in query queue: it was ended by request, through /api/v1/status/active_queries");
        _mayRead.Set();
        await running;
    }

    [Fact]
    public async Task End_EndsAQueryThatRuns()
    {
        using var engine = Engine(concurrency: 1);
        var running = Run(engine, "m", QueryOptions.Default);
        _isReading.Wait(TestContext.Current.CancellationToken);

        engine.ActiveQueries[0].End();
        _mayRead.Set();

        (await FluentActions.Awaiting(() => running).Should().ThrowAsync<QueryException>()).WithMessage(
            "query was canceled in expression evaluation: it was ended by request, *");
        engine.ActiveQueries.Should().BeEmpty();
    }

    [Fact]
    public async Task ExecuteInstantAsync_LetsARuleIn_WhenAllPlacesOfUsersAreTaken()
    {
        using var engine = Engine(concurrency: 2);
        Task<QueryResult>[] users = [.. Enumerable.Range(0, 5).Select(_ => Run(engine, "m", QueryOptions.Default))];
        _isReading.Wait(TestContext.Current.CancellationToken);

        var rule = await Run(engine, "absent(nothing)", new QueryOptions { Priority = QueryPriority.Rule });

        QueryRunner.Write(rule.Value).Should().Be("{} 1");
        _mayRead.Set();
        await Task.WhenAll(users);
    }

    [Theory]
    [InlineData("1 + 1")]
    [InlineData("vector(time())")]
    public async Task ExecuteInstantAsync_AnswersAtOnce_WhatReadsNothing(string query)
    {
        using var engine = Engine(concurrency: 1);
        Task<QueryResult>[] users = [.. Enumerable.Range(0, 3).Select(_ => Run(engine, "m", QueryOptions.Default))];
        _isReading.Wait(TestContext.Current.CancellationToken);

        var result = await Run(engine, query, QueryOptions.Default);

        QueryRunner.Write(result.Value).Should().NotBeEmpty();
        _mayRead.Set();
        await Task.WhenAll(users);
    }

    [Fact]
    public async Task ExecuteInstantAsync_SaysWhyItWasEnded_WhenOthersNeedTheMemory()
    {
        var large = Labels.FromPairs(("__name__", "large"), ("pad", new string('x', 6_000)));
        _source.Add(large, new FloatSample(0, 1));
        using var engine = new QueryEngine(
            new QueryLimits { MaxConcurrency = 2, MaxTotalMemoryBytes = 10_000, Workers = 1 }, new QueryFeatures(),
            TimeProvider.System);
        var victim = Run(engine, "count(large > 0)", QueryOptions.Default);
        _isReading.Wait(TestContext.Current.CancellationToken);

        var small = await Run(engine, "vector(1)", new QueryOptions { Priority = QueryPriority.Rule });
        _source.Reading = null;
        var rule = await Run(engine, "m", new QueryOptions { Priority = QueryPriority.Rule });
        _mayRead.Set();

        (await FluentActions.Awaiting(() => victim).Should().ThrowAsync<QueryException>()).Which.Message.Should()
            .StartWith("query was ended because all queries together held 9KiB of memory, this one the most")
            .And.Contain("in \"large\" (1:7)");
        ((VectorResult)rule.Value).Count.Should().Be(2);
        small.Dispose();
    }

    public void Dispose()
    {
        _mayRead.Set();
        _isReading.Dispose();
        _mayRead.Dispose();
    }

    private static QueryEngine Engine(int concurrency) => new(
        new QueryLimits { MaxConcurrency = concurrency, Workers = 1 }, new QueryFeatures(), TimeProvider.System);

    private Task<QueryResult> Run(QueryEngine engine, string query, QueryOptions options) =>
        engine.ExecuteInstantAsync(_source, query, 0, options, TestContext.Current.CancellationToken);
}
