namespace PromHost.PromQL;

/// <summary>A number, or a duration standing for its seconds.</summary>
public sealed record NumberLiteral : Expression
{
    /// <summary>Creates a literal.</summary>
    /// <param name="value">The number; for a duration its seconds.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="isDuration">Was it written as a duration?</param>
    public NumberLiteral(double value, PositionRange position, bool isDuration = false)
        : base(position)
    {
        Value = value;
        IsDuration = isDuration;
    }

    /// <summary>The number; for a duration its seconds.</summary>
    public double Value { get; init; }

    /// <summary>True when written as a duration such as <c>1h30m</c>; only printing depends on it.</summary>
    public bool IsDuration { get; init; }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Scalar;

    /// <summary>The literal with a sign written before it.</summary>
    internal NumberLiteral WithSign(bool isMinus, PositionRange position) =>
        this with { Value = isMinus ? -Value : Value, Position = position };
}
