namespace PromHost.PromQL;

/// <summary>
/// A range over something that is no vector selector. It stands for the error until parsing ends; no finished tree
/// holds one.
/// </summary>
internal sealed record InvalidRange : Expression
{
    public InvalidRange(PositionRange position)
        : base(position)
    {
    }

    /// <inheritdoc/>
    public override ValueType Type => ValueType.Matrix;
}
