namespace PromHost.PromQL;

/// <summary>Two operands joined by an operator.</summary>
public sealed record BinaryExpression : Expression
{
    /// <summary>Creates a binary expression; its position spans both operands.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    /// <param name="matching">The modifiers as written; <see cref="Matching"/> is derived from them.</param>
    /// <param name="returnsBool">Was it written with <c>bool</c>?</param>
    public BinaryExpression(
        BinaryOperator operation, Expression left, Expression right, VectorMatching matching, bool returnsBool = false)
        : base(new PositionRange(left.Position.Start, right.Position.End))
    {
        Operator = operation;
        Left = left;
        Right = right;
        ReturnsBool = returnsBool;
        WrittenMatching = operation.IsSetOperator() && matching.Cardinality == MatchingCardinality.OneToOne
            ? matching with { Cardinality = MatchingCardinality.ManyToMany }
            : matching;
        Type = left.Type == ValueType.Scalar && right.Type == ValueType.Scalar ? ValueType.Scalar : ValueType.Vector;
        Matching = left.Type == ValueType.Vector && right.Type == ValueType.Vector ? WrittenMatching : null;
        Height = Math.Max(left.Height, right.Height) + 1;
    }

    /// <summary>The operator.</summary>
    public BinaryOperator Operator { get; }

    /// <summary>The left operand.</summary>
    public Expression Left { get; }

    /// <summary>The right operand.</summary>
    public Expression Right { get; }

    /// <summary>True when a comparison gives 0 and 1 instead of filtering.</summary>
    public bool ReturnsBool { get; }

    /// <summary>How series find their partners; null unless both operands are vectors.</summary>
    public VectorMatching? Matching { get; }

    /// <inheritdoc/>
    public override ValueType Type { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Left, Right];

    /// <summary>The modifiers as written, also where they are an error because an operand is a scalar.</summary>
    internal VectorMatching WrittenMatching { get; }
}
