namespace PromHost.PromQL;

/// <summary>Whether a query is explained.</summary>
public enum ExplainMode
{
    /// <summary>It is not: nothing is measured.</summary>
    None,

    /// <summary>It is planned, not evaluated.</summary>
    Plan,

    /// <summary>It is evaluated, and every operator measured.</summary>
    Analyze,
}
