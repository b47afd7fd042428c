namespace PromHost.PromQL.Tests;

/// <summary>Contexts for operators that are tested alone.</summary>
internal static class QueryContexts
{
    /// <summary>The context of a query that reads nothing.</summary>
    /// <param name="features">Optional behaviour; null for none.</param>
    /// <param name="limits">What it may take; null for the defaults.</param>
    /// <param name="cancellation">When it ends; null with the test.</param>
    public static QueryContext Make(
        QueryFeatures? features = null, QueryLimits? limits = null, CancellationToken? cancellation = null)
    {
        limits ??= new QueryLimits();
        var pool = new QueryMemoryPool(limits.MaxTotalMemoryBytes, limits.MaxConcurrency);
        return new QueryContext
        {
            Limits = limits,
            Features = features ?? new QueryFeatures(),
            CancellationToken = cancellation ?? TestContext.Current.CancellationToken,
            QueryText = "1",
            LookbackMs = 300_000,
            Use = new QueryUse(pool.Open(limits.MaxMemoryBytes, QueryPriority.User, static () => { })),
            Node = new PlanNode(Parser.ParseExpression("1", new ParserOptions())),
        };
    }
}
