namespace PromHost.PromQL.Tests;

public sealed class QueryTurnsTests
{
    private readonly SteppedClock _clock = new();

    [Fact]
    public async Task Begin_Waits_WhenSoManyCompute()
    {
        var turns = Turns(places: 2);
        var first = NewTurn(turns).Begin();
        using var second = NewTurn(turns).Begin();
        var third = RunAsync(() => NewTurn(turns).Begin());
        await WaitingAsync(turns, 1);

        first.Dispose();

        (await third).Dispose();
        turns.Running.Should().Be(1);
        turns.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task MakeRoom_LetsThoseWhoWaitCompute_NewcomersFirst()
    {
        var turns = Turns();
        var a = NewTurn(turns).Begin();
        var b = RunAsync(() => NewTurn(turns).Begin());
        await WaitingAsync(turns, 1);
        _clock.Now += QueryTurns.TurnLength;

        var again = RunAsync(() =>
        {
            a.MakeRoom();
            return a;
        });

        var second = await b;
        await WaitingAsync(turns, 1);
        var c = RunAsync(() => NewTurn(turns).Begin());
        await WaitingAsync(turns, 2);
        second.Dispose();
        var third = await c;
        again.IsCompleted.Should().BeFalse("it has had a turn, and there was one who had none");
        third.Dispose();
        (await again).Dispose();
        turns.Running.Should().Be(0);
    }

    [Fact]
    public async Task MakeRoom_GoesOn_WhileTheTurnLasts()
    {
        var turns = Turns();
        var turn = NewTurn(turns).Begin();
        var other = RunAsync(() => NewTurn(turns).Begin());
        await WaitingAsync(turns, 1);
        _clock.Now += QueryTurns.TurnLength - TimeSpan.FromTicks(1);

        turn.MakeRoom();

        (turns.Running, turns.Waiting).Should().Be((1, 1));
        turn.Dispose();
        (await other).Dispose();
    }

    [Fact]
    public void MakeRoom_GoesOn_WhenNobodyWaits()
    {
        var turns = Turns();
        using var turn = NewTurn(turns).Begin();
        _clock.Now += 100 * QueryTurns.TurnLength;

        turn.MakeRoom();

        turns.Running.Should().Be(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Begin_GoesAhead_WhenTheQueryIsOver(bool isOverBefore)
    {
        var turns = Turns();
        using var turn = NewTurn(turns).Begin();
        using var end = new CancellationTokenSource();
        if (isOverBefore) await end.CancelAsync();

        var other = RunAsync(() => new QueryTurns.Turn(turns, end.Token).Begin());
        if (!isOverBefore)
        {
            await WaitingAsync(turns, 1);
            await end.CancelAsync();
        }

        (await other).Dispose();
        turns.Running.Should().Be(1);
    }

    [Fact]
    public async Task Begin_GoesAhead_WhenNobodyMakesRoom()
    {
        var turns = new QueryTurns(1, TimeSpan.FromMilliseconds(1), _clock);
        using var stuck = NewTurn(turns).Begin();

        var others = Enumerable.Range(0, 3).Select(_ => RunAsync(() => NewTurn(turns).Begin()));

        foreach (var other in await Task.WhenAll(others)) other.Dispose();
        turns.Running.Should().Be(1);
    }

    [Fact]
    public async Task ExecuteInstantAsync_PassesAQueryThatIsStuck_WhenThereIsOnePlace()
    {
        using var isStuck = new SemaphoreSlim(0);
        using var mayGoOn = new SemaphoreSlim(0);
        var source = new InMemoryQuerySource().Load(60_000, "m 1");
        source.Reading = () =>
        {
            isStuck.Release();
            mayGoOn.Wait(TestContext.Current.CancellationToken);
        };
        using var engine = new QueryEngine(new QueryLimits { Workers = 1 }, new QueryFeatures(), TimeProvider.System);
        var stuck = ExecuteAsync(engine, source, "m[1m]");
        await isStuck.WaitAsync(TestContext.Current.CancellationToken);

        var other = await ExecuteAsync(engine, new InMemoryQuerySource().Load(60_000, "m 2"), "m");

        QueryRunner.Write(other.Value).Should().Be("{__name__=\"m\"} 2");
        mayGoOn.Release(10);
        QueryRunner.Write((await stuck).Value).Should().Be("{__name__=\"m\"} 1@0");
    }

    [Fact]
    public async Task ExecuteRangeAsync_AnswersAll_WhenManyQueriesTakeTurns()
    {
        // Each look at the clock finds the turn over: they change places wherever they can.
        using var engine = new QueryEngine(
            new QueryLimits { Workers = 2 }, new QueryFeatures(), new SteppedClock { Step = QueryTurns.TurnLength });
        string[] lines = [.. Enumerable.Range(0, 200).Select(static i => $"m{{n=\"{i}\"}} 0+{i}x50")];
        var source = new InMemoryQuerySource().Load(10_000, lines);

        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => engine.ExecuteRangeAsync(
            source, "sum(m) + sum(max_over_time(m[1m:10s]))", 0, 490_000, 10_000, null,
            TestContext.Current.CancellationToken)));

        string[] texts = [.. results.Select(static result => QueryRunner.Write(result.Value))];
        texts[0].Should().EndWith(" 1950200@490000");
        texts.Should().OnlyContain(text => text == texts[0]);
    }

    private static Task<QueryResult> ExecuteAsync(QueryEngine engine, InMemoryQuerySource source, string query) =>
        engine.ExecuteInstantAsync(source, query, 0, null, TestContext.Current.CancellationToken);

    private static QueryTurns.Turn NewTurn(QueryTurns turns) => new(turns, TestContext.Current.CancellationToken);

    private static Task<QueryTurns.Turn> RunAsync(Func<QueryTurns.Turn> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task WaitingAsync(QueryTurns turns, int count)
    {
        while (turns.Waiting != count)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private QueryTurns Turns(int places = 1) => new(places, Timeout.InfiniteTimeSpan, _clock);

    /// <summary>A clock that moves when it is told, or at every look.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _ticks;

        public TimeSpan Step { get; init; }

        public TimeSpan Now
        {
            get => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
            set => Interlocked.Exchange(ref _ticks, value.Ticks);
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref _ticks, Step.Ticks);
    }
}
