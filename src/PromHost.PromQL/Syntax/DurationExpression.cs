namespace PromHost.PromQL;

/// <summary>
/// Arithmetic in the place of a duration (range, step, offset). Its values are seconds; its operands are
/// <see cref="NumberLiteral"/> or <see cref="DurationExpression"/>.
/// </summary>
public sealed record DurationExpression : Expression
{
    /// <summary>Creates a duration expression.</summary>
    /// <param name="operation">What is computed.</param>
    /// <param name="left">The left operand; null for signs, <c>step()</c> and <c>range()</c>.</param>
    /// <param name="right">The right operand; null for <c>step()</c> and <c>range()</c>.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="isWrapped">Does it stand in parentheses of its own?</param>
    public DurationExpression(
        DurationOperator operation,
        Expression? left,
        Expression? right,
        PositionRange position,
        bool isWrapped = false)
        : base(position)
    {
        Operator = operation;
        Left = left;
        Right = right;
        IsWrapped = isWrapped;
        Height = Math.Max(left?.Height ?? 0, right?.Height ?? 0) + 1;
    }

    /// <summary>What is computed.</summary>
    public DurationOperator Operator { get; init; }

    /// <summary>The left operand; null for signs, <c>step()</c> and <c>range()</c>.</summary>
    public Expression? Left { get; init; }

    /// <summary>The right operand; null for <c>step()</c> and <c>range()</c>.</summary>
    public Expression? Right { get; init; }

    /// <summary>Does it stand in parentheses of its own?</summary>
    public bool IsWrapped { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Scalar;
}
