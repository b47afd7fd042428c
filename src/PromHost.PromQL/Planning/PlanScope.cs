namespace PromHost.PromQL;

/// <summary>Where in the query an expression stands.</summary>
/// <param name="Grid">The steps at which it is evaluated.</param>
/// <param name="Counts">Where its samples are counted.</param>
/// <param name="HintStepMs">The step that the storage is told: that of the subquery around it or of the query.</param>
internal readonly record struct PlanScope(StepGrid Grid, QuerySampleCounts Counts, long HintStepMs)
{
    /// <summary>The nearest function or aggregation around it, for the storage.</summary>
    public string? Function { get; init; }

    /// <summary>The aggregation right around it, for the storage.</summary>
    public AggregateExpression? Aggregate { get; init; }

    /// <summary>Is it a selector whose series all fall into one group, whatever their labels are?</summary>
    public bool IsOneGroup { get; init; }

    /// <summary>Is it somewhere below a function that asks for counts and sums of histograms only?</summary>
    public bool IsBelowStatistics { get; init; }

    /// <summary>Is it somewhere below what needs the buckets of histograms?</summary>
    public bool IsBelowBuckets { get; init; }

    /// <summary>Are counts, sums and counter resets all that matters of histograms?</summary>
    public bool NeedsNoBuckets => IsBelowStatistics && !IsBelowBuckets;

    /// <summary>The place of an operand of a function or aggregation.</summary>
    public PlanScope Under(string? function, AggregateExpression? aggregate = null) =>
        this with
        {
            Function = function,
            Aggregate = aggregate,
            IsOneGroup = false,
            IsBelowStatistics = IsBelowStatistics ||
                function is "histogram_count" or "histogram_sum" or "histogram_avg",
            IsBelowBuckets = IsBelowBuckets ||
                function is "histogram_quantile" or "histogram_quantiles" or "histogram_fraction",
        };

    /// <summary>The place of what is evaluated once for all steps.</summary>
    public PlanScope Once() => this with
    {
        Grid = new StepGrid(Grid.StartMs, Grid.StartMs, Grid.StepMs),
        Counts = Counts.AddOnce(),
    };
}
