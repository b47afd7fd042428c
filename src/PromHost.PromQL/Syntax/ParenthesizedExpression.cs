namespace PromHost.PromQL;

/// <summary>An expression in parentheses; kept so that printing gives back what was written.</summary>
public sealed record ParenthesizedExpression : Expression
{
    /// <summary>Creates the node.</summary>
    /// <param name="inner">What stands between the parentheses.</param>
    /// <param name="position">Where it stands, parentheses included.</param>
    public ParenthesizedExpression(Expression inner, PositionRange position)
        : base(position)
    {
        Inner = inner;
        Type = inner.Type;
        Height = inner.Height + 1;
    }

    /// <summary>What stands between the parentheses.</summary>
    public Expression Inner { get; init; }

    /// <inheritdoc/>
    public override ValueType Type { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Inner];
}
