namespace PromHost.PromQL;

/// <summary>A range vector selector: a window over a <see cref="VectorSelector"/>, which holds the modifiers.</summary>
public sealed record MatrixSelector : Expression
{
    /// <summary>Creates a range selector.</summary>
    /// <param name="selector">The series, with <c>offset</c>, <c>@</c> and the like.</param>
    /// <param name="rangeMs">The width of the window; 0 when an expression gives it.</param>
    /// <param name="rangeExpression">The width as an expression, or null.</param>
    /// <param name="position">Where it stands.</param>
    public MatrixSelector(
        VectorSelector selector, long rangeMs, DurationExpression? rangeExpression, PositionRange position)
        : base(position)
    {
        Selector = selector;
        RangeMs = rangeMs;
        RangeExpression = rangeExpression;
        Height = selector.Height + 1;
    }

    /// <summary>The series and all modifiers.</summary>
    public VectorSelector Selector { get; init; }

    /// <summary>The width of the window in milliseconds; 0 when <see cref="RangeExpression"/> is set.</summary>
    public long RangeMs { get; init; }

    /// <summary>The width, when it has to be computed from the query's range and step.</summary>
    public DurationExpression? RangeExpression { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Matrix;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Selector];
}
