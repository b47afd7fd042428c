namespace PromHost.PromQL;

/// <summary>A sign before an expression; signed number literals are folded into the literal instead.</summary>
public sealed record UnaryExpression : Expression
{
    /// <summary>Creates a unary expression.</summary>
    /// <param name="operation">The sign.</param>
    /// <param name="operand">What follows it.</param>
    /// <param name="position">Where it stands.</param>
    public UnaryExpression(UnaryOperator operation, Expression operand, PositionRange position)
        : base(position)
    {
        Operator = operation;
        Operand = operand;
        Type = operand.Type;
        Height = operand.Height + 1;
    }

    /// <summary>The sign.</summary>
    public UnaryOperator Operator { get; init; }

    /// <summary>What the sign applies to.</summary>
    public Expression Operand { get; init; }

    /// <inheritdoc/>
    public override ValueType Type { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Operand];
}
