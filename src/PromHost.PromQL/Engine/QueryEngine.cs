using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// Evaluates PromQL. Queries run on threads of the engine's own; callers wait without holding a thread. Thread-safe.
/// </summary>
public sealed class QueryEngine : IDisposable
{
    private const int MaxNodesWithoutPlace = 32;

    // Several turns long: a thread that has not made room by then is at something long.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

    private readonly QueryLimits _limits;
    private readonly QueryFeatures _features;
    private readonly TimeProvider _clock;
    private readonly ActiveQueries _active;
    private readonly QueryAdmission _admission;
    private readonly QueryTurns _turns;
    private readonly QueryWorkers _queryThreads;
    private readonly QueryWorkers _ruleThreads;
    private readonly QueryWorkers _helperThreads;

    /// <summary>Creates an engine.</summary>
    /// <param name="limits">What queries may take.</param>
    /// <param name="features">Optional behaviour.</param>
    /// <param name="clock">For time limits and statistics.</param>
    public QueryEngine(QueryLimits limits, QueryFeatures features, TimeProvider clock)
    {
        _limits = limits;
        _features = features;
        _clock = clock;
        Syntax = new ParserOptions
        {
            ExperimentalFunctions = features.ExperimentalFunctions,
            ExtendedRangeSelectors = features.ExtendedRangeSelectors,
            BinopFillModifiers = features.BinopFillModifiers,
        };
        _active = new ActiveQueries(limits, clock);
        _admission = new QueryAdmission(limits.MaxConcurrency);
        _turns = new QueryTurns(Math.Max(1, limits.Workers), s_patience, clock);
        // Twice as many as may evaluate: others write their answers.
        _queryThreads = new QueryWorkers("query", 2 * limits.MaxConcurrency, Math.Max(1, limits.Workers));
        _ruleThreads = new QueryWorkers("rule query", _admission.Capacity);
        _helperThreads = new QueryWorkers("query helper", Math.Max(1, limits.Workers - 1));
    }

    /// <summary>Which optional parts of the language are on: those of the features.</summary>
    public ParserOptions Syntax { get; }

    /// <summary>Samples that the running queries hold in memory together.</summary>
    public long HeldSamples => _active.List().Sum(static query => query.HeldSamples);

    /// <summary>Bytes that the active queries hold together.</summary>
    public long HeldBytes => _active.Memory.HeldBytes;

    /// <summary>The queries that are waiting, running or being answered, oldest first.</summary>
    public IReadOnlyList<ActiveQuery> ActiveQueries => _active.List();

    /// <summary>An active query by its number, or null.</summary>
    public ActiveQuery? FindActiveQuery(long id) => _active.Find(id);

    /// <summary>Evaluates an expression at one time.</summary>
    /// <param name="source">The storage.</param>
    /// <param name="query">The expression.</param>
    /// <param name="timeMs">Evaluation time, milliseconds since the Unix epoch.</param>
    /// <param name="options">What the request sets; null for nothing.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="QueryException">The query failed.</exception>
    public Task<QueryResult> ExecuteInstantAsync(
        IQuerySource source, string query, long timeMs, QueryOptions? options, CancellationToken cancellationToken) =>
        ExecuteAsync(source, query, new QueryConstants(timeMs, timeMs, 0), options, cancellationToken);

    /// <summary>Evaluates an expression at start, start + step, … up to end.</summary>
    /// <param name="source">The storage.</param>
    /// <param name="query">The expression; a scalar or an instant vector.</param>
    /// <param name="startMs">First evaluation time, milliseconds since the Unix epoch.</param>
    /// <param name="endMs">Last possible evaluation time, not before the first.</param>
    /// <param name="stepMs">Distance of the evaluations, greater than 0.</param>
    /// <param name="options">What the request sets; null for nothing.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="QueryException">The query failed.</exception>
    public Task<QueryResult> ExecuteRangeAsync(IQuerySource source, string query, long startMs, long endMs, long stepMs,
        QueryOptions? options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepMs);
        ArgumentOutOfRangeException.ThrowIfLessThan(endMs, startMs);
        return ExecuteAsync(source, query, new QueryConstants(startMs, endMs, stepMs), options, cancellationToken);
    }

    /// <summary>How many threads may help a query.</summary>
    public int HelperCount => _limits.Workers - 1;

    /// <summary>
    /// Runs work on a helping thread when one comes free. Whoever asks must get on without: they may all be busy for
    /// long.
    /// </summary>
    /// <param name="work">Must not throw.</param>
    public void Help(Action work) => _helperThreads.TryPost(work);

    /// <summary>Lets running queries finish and ends the engine's threads.</summary>
    public void Dispose()
    {
        _queryThreads.Dispose();
        _ruleThreads.Dispose();
        _helperThreads.Dispose();
    }

    private async Task<QueryResult> ExecuteAsync(IQuerySource source, string text, QueryConstants constants,
        QueryOptions? options, CancellationToken cancellationToken)
    {
        options ??= QueryOptions.Default;
        var started = _clock.GetTimestamp();
        var expression = Parse(text, isRange: constants.StepMs != 0);
        var query = _active.Open(text, constants, options, cancellationToken);
        var needsPlace = NeedsPlace(expression);
        try
        {
            if (needsPlace) await EnterAsync(query).ConfigureAwait(false);
            else if (query.EvaluationToken.IsCancellationRequested) throw query.Failure("query queue", null);
            try
            {
                var queued = _clock.GetElapsedTime(started);
                var context = MakeContext(query, expression, options, takesTurns: needsPlace);
                QueryResult Run() => new Query(context, expression, constants, source, _clock).Run(started, queued);
                // The answer is written on the thread of the query: no other has to be woken for it.
                var evaluation = new TaskCompletionSource<QueryResult>();
                var threads = query.Priority == QueryPriority.Rule ? _ruleThreads : _queryThreads;
                if (needsPlace) threads.Post(() => Complete(evaluation, Run, query, context));
                else Complete(evaluation, Run, query, context);
                var result = await evaluation.Task.ConfigureAwait(false);
                query.Enter(ActiveQueryState.Answering);
                return result with { Query = query };
            }
            finally
            {
                if (needsPlace) _admission.Leave(query.Priority);
            }
        }
        catch
        {
            query.Dispose();
            throw;
        }
    }

    // What reads nothing and is small (1, vector(1), time()) is how others ask whether there is anybody: it is answered
    // at once, on the thread of the request, however many queries wait.
    private static bool NeedsPlace(Expression expression)
    {
        var count = 0;
        foreach (var part in expression.DescendantsAndSelf())
        {
            if (part is VectorSelector or SubqueryExpression || ++count > MaxNodesWithoutPlace) return true;
        }

        return false;
    }

    private async Task EnterAsync(ActiveQuery query)
    {
        try
        {
            await _admission.EnterAsync(query.Priority, query.EvaluationToken).ConfigureAwait(false);
            query.Enter(ActiveQueryState.Running);
        }
        catch (OperationCanceledException)
        {
            throw query.Failure("query queue", null);
        }
    }

    private QueryContext MakeContext(
        ActiveQuery query, Expression expression, QueryOptions options, bool takesTurns)
    {
        var lookback = options.LookbackDelta is { Ticks: > 0 } delta ? delta : _limits.LookbackDelta;
        query.Use.Root = new PlanNode(expression)
        {
            Measure = options.Explain == ExplainMode.None ? null : new NodeMeasure { Operator = PlanExplainer.Root },
        };
        return new QueryContext
        {
            Limits = _limits,
            Features = _features,
            CancellationToken = query.EvaluationToken,
            QueryText = query.Text,
            LookbackMs = (long)lookback.TotalMilliseconds,
            Use = query.Use,
            Node = query.Use.Root,
            Helpers = _helperThreads,
            // Rules wait for nobody.
            Turn = takesTurns && query.Priority != QueryPriority.Rule
                ? new QueryTurns.Turn(_turns, query.EvaluationToken)
                : null,
        };
    }

    private static void Complete(TaskCompletionSource<QueryResult> evaluation, Func<QueryResult> run, ActiveQuery query,
        QueryContext context)
    {
        try
        {
            using (context.Turn?.Begin()) evaluation.SetResult(run());
        }
        catch (Exception e)
        {
            evaluation.SetException(Translate(e, query, context));
        }
    }

    private Expression Parse(string query, bool isRange)
    {
        Expression expression;
        try
        {
            expression = Parser.ParseExpression(query, Syntax);
        }
        catch (ParseException e)
        {
            throw new QueryException(QueryErrorKind.BadData, e.Message, e);
        }

        if (isRange && expression.Type is not (ValueType.Scalar or ValueType.Vector))
        {
            throw new QueryException(QueryErrorKind.BadData,
                $"invalid expression type \"{expression.Type.ToDocumentedName()}\" for range query, " +
                "must be Scalar or instant Vector");
        }

        return expression;
    }

    private static QueryException Translate(Exception exception, ActiveQuery query, QueryContext context) =>
        exception switch
        {
            QueryException known => known,
            SeriesScanFailedException { InnerException: { } cause } => Translate(cause, query, context),
            OperationCanceledException => query.Failure("expression evaluation", context),
            StorageReadException => new QueryException(QueryErrorKind.Internal, exception.Message, exception),
            _ => new QueryException(QueryErrorKind.Execution, "unexpected error: " + exception.Message, exception),
        };
}
