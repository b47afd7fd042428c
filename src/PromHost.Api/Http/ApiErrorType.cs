namespace PromHost.Api;

/// <summary>The error types of the HTTP API; each has a name and a status.</summary>
internal enum ApiErrorType
{
    /// <summary>A parameter is wrong.</summary>
    BadData,

    /// <summary>The evaluation failed.</summary>
    Execution,

    /// <summary>The client went away.</summary>
    Canceled,

    /// <summary>The time limit of the query was reached.</summary>
    Timeout,

    /// <summary>The server or its storage failed.</summary>
    Internal,

    /// <summary>A part of the server is switched off or not ready.</summary>
    Unavailable,

    /// <summary>There is no such thing.</summary>
    NotFound,
}
