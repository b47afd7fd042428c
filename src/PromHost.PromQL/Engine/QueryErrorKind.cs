namespace PromHost.PromQL;

/// <summary>How a query failed; the HTTP API maps each kind to an error type and a status.</summary>
public enum QueryErrorKind
{
    /// <summary>The text or a parameter is wrong.</summary>
    BadData,

    /// <summary>The evaluation failed.</summary>
    Execution,

    /// <summary>The client went away or somebody ended the query.</summary>
    Canceled,

    /// <summary>The time limit was reached.</summary>
    Timeout,

    /// <summary>The storage failed.</summary>
    Internal,
}
