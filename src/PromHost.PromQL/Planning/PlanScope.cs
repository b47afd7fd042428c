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

    /// <summary>The place of an operand of a function or aggregation.</summary>
    public PlanScope Under(string? function, AggregateExpression? aggregate = null) =>
        this with { Function = function, Aggregate = aggregate, IsOneGroup = false };

    /// <summary>The place of what is evaluated once for all steps.</summary>
    public PlanScope Once() => this with
    {
        Grid = new StepGrid(Grid.StartMs, Grid.StartMs, Grid.StepMs),
        Counts = Counts.AddPart(Grid.Count),
    };
}
