namespace PromHost.PromQL;

/// <summary>Limits of queries. Defaults are Prometheus 3.14's unless said otherwise.</summary>
public sealed record QueryLimits
{
    /// <summary>How far an instant selector looks back. Prometheus's <c>--query.lookback-delta</c>.</summary>
    public TimeSpan LookbackDelta { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a query may run. Prometheus's <c>--query.timeout</c>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many queries run at a time; others wait. Prometheus's <c>--query.max-concurrency</c>.</summary>
    public int MaxConcurrency { get; init; } = 20;

    /// <summary>How many samples a query may hold at once. Prometheus's <c>--query.max-samples</c>.</summary>
    public int MaxSamples { get; init; } = 50_000_000;

    /// <summary>
    /// How many bytes a query may hold at once. Ours, <c>--query.max-memory</c>; a quarter of what the process may use.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = ProcessMemory.LimitBytes / 4;

    /// <summary>
    /// How many bytes all queries together may hold. Ours, <c>--query.max-total-memory</c>; half of what the process
    /// may use.
    /// </summary>
    public long MaxTotalMemoryBytes { get; init; } = ProcessMemory.LimitBytes / 2;

    /// <summary>Step of a subquery that gives none. Prometheus: the global evaluation interval.</summary>
    public TimeSpan DefaultSubqueryStep { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many threads one query may keep busy, at least 1. Ours; Prometheus uses one.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
