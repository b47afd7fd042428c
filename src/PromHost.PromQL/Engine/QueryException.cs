namespace PromHost.PromQL;

/// <summary>A query that failed; the message is Prometheus's text for the client.</summary>
public sealed class QueryException(QueryErrorKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>How it failed.</summary>
    public QueryErrorKind Kind { get; } = kind;
}
