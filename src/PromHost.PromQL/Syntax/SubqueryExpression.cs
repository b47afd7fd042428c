namespace PromHost.PromQL;

/// <summary>A subquery: an instant vector expression evaluated over a window of its own steps.</summary>
public sealed record SubqueryExpression : Expression
{
    /// <summary>Creates a subquery without modifiers.</summary>
    /// <param name="operand">The expression that is evaluated at each step.</param>
    /// <param name="position">Where it stands.</param>
    public SubqueryExpression(Expression operand, PositionRange position)
        : base(position)
    {
        Operand = operand;
        Height = operand.Height + 1;
    }

    /// <summary>The expression that is evaluated at each step.</summary>
    public Expression Operand { get; init; }

    /// <summary>The width of the window in milliseconds; 0 when <see cref="RangeExpression"/> is set.</summary>
    public long RangeMs { get; init; }

    /// <summary>The width, when it has to be computed from the query's range and step.</summary>
    public DurationExpression? RangeExpression { get; init; }

    /// <summary>The step in milliseconds; 0 for the default step or with <see cref="StepExpression"/>.</summary>
    public long StepMs { get; init; }

    /// <summary>The step, when it has to be computed from the query's range and step.</summary>
    public DurationExpression? StepExpression { get; init; }

    /// <summary>The offset in milliseconds as written; 0 for none or with <see cref="OffsetExpression"/>.</summary>
    public long OffsetMs { get; init; }

    /// <summary>The offset, when it has to be computed from the query's range and step.</summary>
    public DurationExpression? OffsetExpression { get; init; }

    /// <summary>The timestamp of an <c>@</c> modifier, in milliseconds since the epoch.</summary>
    public long? AtMs { get; init; }

    /// <summary>The end named by an <c>@ start()</c> or <c>@ end()</c> modifier.</summary>
    public AtAnchor At { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Matrix;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Operand];
}
