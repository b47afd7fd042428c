namespace PromHost.PromQL;

/// <summary>For whom a query is evaluated.</summary>
public enum QueryPriority
{
    /// <summary>For somebody who asks.</summary>
    User,

    /// <summary>
    /// For a recording or alerting rule: it goes first, has a worker kept for it, and is not ended because of the
    /// memory that others hold.
    /// </summary>
    Rule,
}
