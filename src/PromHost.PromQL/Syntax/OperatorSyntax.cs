namespace PromHost.PromQL;

/// <summary>How operators and aggregations are written, and the classes they fall into.</summary>
public static class OperatorSyntax
{
    /// <summary>The operator as written in an expression.</summary>
    public static string ToText(this BinaryOperator operation) => operation switch
    {
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Modulo => "%",
        BinaryOperator.Power => "^",
        BinaryOperator.Atan2 => "atan2",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.Greater => ">",
        BinaryOperator.Less => "<",
        BinaryOperator.GreaterOrEqual => ">=",
        BinaryOperator.LessOrEqual => "<=",
        BinaryOperator.And => "and",
        BinaryOperator.Or => "or",
        BinaryOperator.Unless => "unless",
        BinaryOperator.TrimUpper => "</",
        _ => ">/",
    };

    /// <summary>The sign as written in an expression.</summary>
    public static string ToText(this UnaryOperator operation) => operation == UnaryOperator.Minus ? "-" : "+";

    /// <summary>Does the operator compare, so that it filters or, with <c>bool</c>, gives 0 and 1?</summary>
    public static bool IsComparison(this BinaryOperator operation) =>
        operation is >= BinaryOperator.Equal and <= BinaryOperator.LessOrEqual;

    /// <summary>Does the operator make other values, so that the result is of another metric?</summary>
    public static bool IsArithmetic(this BinaryOperator operation) => operation is BinaryOperator.Add or
        BinaryOperator.Subtract or BinaryOperator.Multiply or BinaryOperator.Divide or BinaryOperator.Modulo or
        BinaryOperator.Power or BinaryOperator.Atan2;

    /// <summary>Is the operator <c>and</c>, <c>or</c> or <c>unless</c>?</summary>
    public static bool IsSetOperator(this BinaryOperator operation) =>
        operation is BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Unless;

    /// <summary>The aggregation as written in an expression.</summary>
    public static string ToText(this Aggregation aggregation) => aggregation switch
    {
        Aggregation.Sum => "sum",
        Aggregation.Avg => "avg",
        Aggregation.Count => "count",
        Aggregation.Min => "min",
        Aggregation.Max => "max",
        Aggregation.Group => "group",
        Aggregation.StdDev => "stddev",
        Aggregation.StdVar => "stdvar",
        Aggregation.TopK => "topk",
        Aggregation.BottomK => "bottomk",
        Aggregation.CountValues => "count_values",
        Aggregation.Quantile => "quantile",
        Aggregation.LimitK => "limitk",
        _ => "limit_ratio",
    };

    /// <summary>Does the aggregation take a parameter before its vector?</summary>
    public static bool HasParameter(this Aggregation aggregation) => aggregation >= Aggregation.TopK;

    /// <summary>Is the aggregation behind <see cref="ParserOptions.ExperimentalFunctions"/>?</summary>
    public static bool IsExperimental(this Aggregation aggregation) =>
        aggregation is Aggregation.LimitK or Aggregation.LimitRatio;

    /// <summary>The operator or function of a duration expression as written.</summary>
    public static string ToText(this DurationOperator operation) => operation switch
    {
        DurationOperator.Add => "+",
        DurationOperator.Subtract => "-",
        DurationOperator.Multiply => "*",
        DurationOperator.Divide => "/",
        DurationOperator.Modulo => "%",
        DurationOperator.Power => "^",
        DurationOperator.Step => "step",
        DurationOperator.Range => "range",
        DurationOperator.MinOf => "min_of",
        _ => "max_of",
    };

    /// <summary>The name of the cardinality in answers and error texts, for example <c>many-to-one</c>.</summary>
    public static string ToText(this MatchingCardinality cardinality) => cardinality switch
    {
        MatchingCardinality.OneToOne => "one-to-one",
        MatchingCardinality.ManyToOne => "many-to-one",
        MatchingCardinality.OneToMany => "one-to-many",
        _ => "many-to-many",
    };
}
