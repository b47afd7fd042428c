namespace PromHost.PromQL;

/// <summary>
/// An argument of a function or an operator as the planner hands it to the factories: a series operator, a scalar
/// operator or a string. Exactly one of them is set. Whoever takes the argument owns and disposes the operator in it.
/// </summary>
/// <remarks>
/// The planner calls these factories; a null answer of a <c>TryCreate</c> means "not mine":
/// <code>
/// SeriesOperator  AggregationOperators.Create(context, aggregateExpression, SeriesOperator, ScalarOperator?, string?)
/// SeriesOperator  BinaryOperators.Create(context, binaryExpression, SeriesOperator or ScalarOperator, the same)
/// ScalarOperator  BinaryOperators.Create(context, binaryExpression, ScalarOperator, ScalarOperator)
/// SeriesOperator  UnaryOperators.Create(context, unaryExpression, SeriesOperator)
/// ScalarOperator  UnaryOperators.Create(context, unaryExpression, ScalarOperator)
/// SeriesOperator? InstantFunctions.TryCreate(context, grid, call, IReadOnlyList&lt;OperatorArgument&gt;)
/// ScalarOperator? InstantFunctions.TryCreateScalar(context, grid, call, IReadOnlyList&lt;OperatorArgument&gt;)
/// </code>
/// Arguments stand in the order of the call's; all inputs have the grid of the output. Range functions,
/// <c>timestamp</c> of a selector, <c>start()</c>, <c>end()</c>, <c>range()</c>, <c>step()</c> are the planner's own.
/// </remarks>
internal readonly record struct OperatorArgument
{
    private OperatorArgument(SeriesOperator? series, ScalarOperator? scalar, string? text)
    {
        Series = series;
        Scalar = scalar;
        Text = text;
    }

    /// <summary>The instant vector, or null.</summary>
    public SeriesOperator? Series { get; }

    /// <summary>The scalar, or null.</summary>
    public ScalarOperator? Scalar { get; }

    /// <summary>The string, or null.</summary>
    public string? Text { get; }

    /// <summary>An instant vector.</summary>
    public static OperatorArgument Of(SeriesOperator series) => new(series, null, null);

    /// <summary>A scalar.</summary>
    public static OperatorArgument Of(ScalarOperator scalar) => new(null, scalar, null);

    /// <summary>A string.</summary>
    public static OperatorArgument Of(string text) => new(null, null, text);
}
