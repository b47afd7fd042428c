namespace PromHost.PromQL;

/// <summary>What a request may set for its query.</summary>
public sealed record QueryOptions
{
    /// <summary>Nothing set.</summary>
    public static QueryOptions Default { get; } = new();

    /// <summary>
    /// How far instant selectors look back; null or not positive: <see cref="QueryLimits.LookbackDelta"/>.
    /// </summary>
    public TimeSpan? LookbackDelta { get; init; }

    /// <summary>How long the query may run, if that is less than <see cref="QueryLimits.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>For whom it is.</summary>
    public QueryPriority Priority { get; init; }

    /// <summary>Is it to be explained?</summary>
    public ExplainMode Explain { get; init; }

    /// <summary>Are its samples to be counted at each step, too?</summary>
    public bool StatisticsByStep { get; init; }

    /// <summary>Who asked.</summary>
    public QueryOrigin Origin { get; init; } = QueryOrigin.None;
}
