namespace PromHost.PromQL;

/// <summary>How far a query is.</summary>
public enum ActiveQueryState
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>It is evaluated.</summary>
    Running,

    /// <summary>Its answer is being sent.</summary>
    Answering,
}
