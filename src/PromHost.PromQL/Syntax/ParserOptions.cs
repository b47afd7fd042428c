namespace PromHost.PromQL;

/// <summary>Which optional parts of the language are on. The defaults are those of Prometheus 3.14.</summary>
public sealed record ParserOptions
{
    /// <summary>The defaults: everything optional off, but duration expressions.</summary>
    public static ParserOptions Default { get; } = new();

    /// <summary>Functions and aggregations marked experimental (<c>promql-experimental-functions</c>).</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary>Arithmetic in durations; on, as upstream's <c>promql-duration-expr</c> is a no-op by now.</summary>
    public bool DurationExpressions { get; init; } = true;

    /// <summary><c>anchored</c> and <c>smoothed</c> (<c>promql-extended-range-selectors</c>).</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary><c>fill</c>, <c>fill_left</c>, <c>fill_right</c> (<c>promql-binop-fill-modifiers</c>).</summary>
    public bool BinopFillModifiers { get; init; }
}
