namespace PromHost.PromQL;

/// <summary>
/// The answer of a query. Immutable. Its memory is accounted to the query, which is listed as active, until it is
/// disposed.
/// </summary>
/// <param name="Value">The value: <see cref="ScalarResult"/>, <see cref="StringResult"/>, <see cref="VectorResult"/> or
/// <see cref="MatrixResult"/>; <see cref="NoResult"/> when it was planned only.</param>
/// <param name="Warnings">Whole texts: <c>PromQL warning: … (1:5)</c>.</param>
/// <param name="Infos">Whole texts: <c>PromQL info: … (1:5)</c>.</param>
/// <param name="Statistics">What it took.</param>
public sealed record QueryResult(
    QueryValue Value,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Infos,
    QueryStatistics Statistics) : IDisposable
{
    /// <summary>The plan, when the query was to be explained.</summary>
    public PlanExplanation? Explanation { get; init; }

    /// <summary>The query that is answered; null after an evaluation without an engine.</summary>
    public ActiveQuery? Query { get; init; }

    /// <summary>Cancelled when the query is ended while its answer is being sent.</summary>
    public CancellationToken Ended => Query?.EndedToken ?? CancellationToken.None;

    /// <summary>The error that says why it was ended.</summary>
    public QueryException EndedFailure() => Query is { } query
        ? query.Failure("sending the answer", null)
        : new QueryException(QueryErrorKind.Canceled, "query was canceled in sending the answer");

    /// <inheritdoc/>
    public void Dispose() => Query?.Dispose();
}
