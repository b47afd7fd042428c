namespace PromHost.PromQL;

/// <summary>An aggregation over the series of a vector.</summary>
public sealed record AggregateExpression : Expression
{
    /// <summary>Creates an aggregation.</summary>
    /// <param name="aggregation">What is computed per group.</param>
    /// <param name="operand">The vector.</param>
    /// <param name="parameter">The parameter, where the aggregation takes one.</param>
    /// <param name="grouping">The labels of <c>by</c> or <c>without</c>; not copied.</param>
    /// <param name="isWithout">True for <c>without</c>.</param>
    /// <param name="position">Where it stands.</param>
    public AggregateExpression(
        Aggregation aggregation,
        Expression operand,
        Expression? parameter,
        IReadOnlyList<string> grouping,
        bool isWithout,
        PositionRange position)
        : base(position)
    {
        Aggregation = aggregation;
        Operand = operand;
        Parameter = parameter;
        Grouping = grouping;
        IsWithout = isWithout;
        Height = Math.Max(operand.Height, parameter?.Height ?? 0) + 1;
    }

    /// <summary>What is computed per group.</summary>
    public Aggregation Aggregation { get; init; }

    /// <summary>The vector that is aggregated.</summary>
    public Expression Operand { get; init; }

    /// <summary>The parameter: a scalar, for <c>count_values</c> a string; null for aggregations without one.</summary>
    public Expression? Parameter { get; init; }

    /// <summary>The labels of <c>by</c> or <c>without</c>, as written.</summary>
    public IReadOnlyList<string> Grouping { get; init; }

    /// <summary>True when groups drop the labels of <see cref="Grouping"/> instead of keeping only those.</summary>
    public bool IsWithout { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Vector;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => Parameter is null ? [Operand] : [Operand, Parameter];
}
