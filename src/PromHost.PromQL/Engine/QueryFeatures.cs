namespace PromHost.PromQL;

/// <summary>Optional behaviour, off by default as in Prometheus; the names behind <c>--enable-feature</c>.</summary>
public sealed record QueryFeatures
{
    /// <summary><c>promql-delayed-name-removal</c>: metric names are dropped at the end of the query only.</summary>
    public bool DelayedNameRemoval { get; init; }

    /// <summary><c>promql-experimental-functions</c>.</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary><c>promql-extended-range-selectors</c>: <c>anchored</c> and <c>smoothed</c>.</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary><c>promql-binop-fill-modifiers</c>: <c>fill</c>, <c>fill_left</c>, <c>fill_right</c>.</summary>
    public bool BinopFillModifiers { get; init; }

    /// <summary><c>use-start-timestamps</c>: <c>rate</c> and its like heed when counters started.</summary>
    public bool UseStartTimestamps { get; init; }

    /// <summary>
    /// <c>type-and-unit-labels</c>: whether a metric is a counter is told by its label <c>__type__</c>, not by its
    /// name.
    /// </summary>
    public bool TypeAndUnitLabels { get; init; }

    /// <summary><c>promql-per-step-stats</c>: samples are counted at each step for those who ask for it.</summary>
    public bool StepStatistics { get; init; }
}
