namespace PromHost.PromQL;

/// <summary>
/// A query from its arrival until its answer is sent: what it is, what it uses, and the way to end it. Thread-safe.
/// </summary>
public sealed class ActiveQuery : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ActiveQueries _owner;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _evaluation;
    private readonly CancellationToken _client;
    private readonly long _started;
    private QueryEnd _end;
    private bool _isDisposed;
    private volatile ActiveQueryState _state;

    /// <summary>Made by <see cref="ActiveQueries.Open"/>.</summary>
    internal ActiveQuery(ActiveQueries owner, long id, string text, QueryConstants constants, QueryOptions options,
        TimeSpan timeout, CancellationToken client)
    {
        _owner = owner;
        _client = client;
        _started = owner.Clock.GetTimestamp();
        Id = id;
        Text = text;
        StartMs = constants.StartMs;
        EndMs = constants.EndMs;
        StepMs = constants.StepMs;
        Priority = options.Priority;
        Origin = options.Origin;
        StartedAt = owner.Clock.GetUtcNow();
        _timer = new CancellationTokenSource(timeout, owner.Clock);
        _evaluation = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, _ended.Token, client);
        Use = new QueryUse(owner.Memory.Open(owner.QueryMemoryBytes, options.Priority, () => End(QueryEnd.Memory)))
        {
            Explain = options.Explain,
            WithSteps = options.StatisticsByStep,
        };
    }

    /// <summary>Its number, never used twice while the engine lives.</summary>
    public long Id { get; }

    /// <summary>The expression as it came.</summary>
    public string Text { get; }

    /// <summary>First evaluation time, milliseconds since the Unix epoch.</summary>
    public long StartMs { get; }

    /// <summary>Last possible evaluation time.</summary>
    public long EndMs { get; }

    /// <summary>Distance of the evaluations, 0 for an instant query.</summary>
    public long StepMs { get; }

    /// <summary>For whom it is.</summary>
    public QueryPriority Priority { get; }

    /// <summary>Who asked.</summary>
    public QueryOrigin Origin { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>How long ago that was.</summary>
    public TimeSpan Age => _owner.Clock.GetElapsedTime(_started);

    /// <summary>How far it is.</summary>
    public ActiveQueryState State => _state;

    /// <summary>Bytes that it holds.</summary>
    public long HeldBytes => Use.Memory.HeldBytes;

    /// <summary>Most bytes that it held at once.</summary>
    public long PeakBytes => Use.Memory.PeakBytes;

    /// <summary>Samples that it holds, as Prometheus counts them for its limit.</summary>
    public long HeldSamples => Use.HeldSamples;

    /// <summary>Samples that it has read from the storage so far, each once.</summary>
    public long ReadSamples => Use.Counts?.Read ?? 0;

    /// <summary>Samples and bytes.</summary>
    internal QueryUse Use { get; }

    /// <summary>Ends the evaluation: when the time is over, the client gone or the query ended.</summary>
    internal CancellationToken EvaluationToken => _evaluation.Token;

    /// <summary>Ends the sending of the answer: when the query was ended.</summary>
    internal CancellationToken EndedToken => _ended.Token;

    /// <summary>Makes it end soon with an error that says so. Nothing happens when it is over already.</summary>
    public void End() => End(QueryEnd.Requested);

    /// <summary>Says how far it is.</summary>
    internal void Enter(ActiveQueryState state) => _state = state;

    /// <summary>The error of a query whose token was cancelled.</summary>
    /// <param name="where">What was going on.</param>
    /// <param name="context">The evaluation's, if there was one.</param>
    internal QueryException Failure(string where, QueryContext? context)
    {
        QueryEnd end;
        lock (_gate) end = _end;
        return end switch
        {
            QueryEnd.Requested => new QueryException(QueryErrorKind.Canceled,
                $"query was canceled in {where}: it was ended by request, through /api/v1/status/active_queries"),
            QueryEnd.Memory when context is not null => MemoryTexts.Sacrifice(context),
            QueryEnd.Memory => new QueryException(QueryErrorKind.Execution, $"query was ended in {where} because all " +
                "queries together held too much memory, this one the most: raise --query.max-total-memory"),
            QueryEnd.None when !_client.IsCancellationRequested =>
                new QueryException(QueryErrorKind.Timeout, "query timed out in " + where),
            _ => new QueryException(QueryErrorKind.Canceled, "query was canceled in " + where),
        };
    }

    /// <summary>The query is over: lets go of its memory.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
        }

        _owner.Close(this);
        Use.Memory.Dispose();
        _evaluation.Dispose();
        _timer.Dispose();
        _ended.Dispose();
    }

    private void End(QueryEnd end)
    {
        lock (_gate)
        {
            if (_isDisposed || _end != QueryEnd.None) return;
            _end = end;
        }

        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was over in between.
        }
    }
}
