using System.Collections.Concurrent;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// Evaluates PromQL. Queries run on threads of the engine's own; callers wait without holding a thread. Thread-safe.
/// </summary>
public sealed class QueryEngine : IDisposable
{
    private readonly QueryLimits _limits;
    private readonly QueryFeatures _features;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _admission;
    private readonly QueryWorkers _queryThreads;
    private readonly QueryWorkers _helperThreads;
    private readonly ConcurrentDictionary<QueryContext, bool> _running = new();

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
        _admission = new SemaphoreSlim(limits.MaxConcurrency, limits.MaxConcurrency);
        _queryThreads = new QueryWorkers("query", limits.MaxConcurrency);
        _helperThreads = new QueryWorkers("query helper", Math.Max(1, limits.Workers - 1));
    }

    /// <summary>Which optional parts of the language are on: those of the features.</summary>
    public ParserOptions Syntax { get; }

    /// <summary>Samples that the running queries hold in memory together.</summary>
    public long HeldSamples => _running.Keys.Sum(static query => query.HeldSamples);

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

    /// <summary>Lets running queries finish and ends the engine's threads.</summary>
    public void Dispose()
    {
        _queryThreads.Dispose();
        _helperThreads.Dispose();
    }

    private async Task<QueryResult> ExecuteAsync(IQuerySource source, string query, QueryConstants constants,
        QueryOptions? options, CancellationToken cancellationToken)
    {
        options ??= QueryOptions.Default;
        var started = _clock.GetTimestamp();
        var expression = Parse(query, isRange: constants.StepMs != 0);
        var timeout = options.Timeout is { } wanted && wanted < _limits.Timeout ? wanted : _limits.Timeout;
        if (timeout < TimeSpan.Zero) timeout = TimeSpan.Zero;
        using var timer = new CancellationTokenSource(timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _admission.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw Ended("query queue", cancellationToken);
        }

        try
        {
            var queued = _clock.GetElapsedTime(started);
            var lookback = options.LookbackDelta is { Ticks: > 0 } delta ? delta : _limits.LookbackDelta;
            var context = new QueryContext
            {
                Limits = _limits,
                Features = _features,
                CancellationToken = either.Token,
                QueryText = query,
                LookbackMs = (long)lookback.TotalMilliseconds,
                Helpers = _helperThreads,
            };
            var completion = new TaskCompletionSource<QueryResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            _running[context] = true;
            try
            {
                _queryThreads.Post(() => Complete(completion, () =>
                    new Query(context, expression, constants, source, _clock).Run(started, queued), cancellationToken));
                return await completion.Task.ConfigureAwait(false);
            }
            finally
            {
                _running.TryRemove(context, out _);
            }
        }
        finally
        {
            _admission.Release();
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

    private static void Complete(
        TaskCompletionSource<QueryResult> completion, Func<QueryResult> run, CancellationToken cancellationToken)
    {
        try
        {
            completion.SetResult(run());
        }
        catch (Exception e)
        {
            completion.SetException(Translate(e, cancellationToken));
        }
    }

    private static QueryException Translate(Exception exception, CancellationToken cancellationToken) =>
        exception switch
        {
            QueryException known => known,
            SeriesScanFailedException { InnerException: { } cause } => Translate(cause, cancellationToken),
            OperationCanceledException => Ended("expression evaluation", cancellationToken),
            StorageReadException => new QueryException(QueryErrorKind.Internal, exception.Message, exception),
            _ => new QueryException(QueryErrorKind.Execution, "unexpected error: " + exception.Message, exception),
        };

    private static QueryException Ended(string where, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? new QueryException(QueryErrorKind.Canceled, "query was canceled in " + where)
            : new QueryException(QueryErrorKind.Timeout, "query timed out in " + where);
}
