namespace PromHost.PromQL;

/// <summary>A number.</summary>
internal sealed class ConstantScalar(StepGrid grid, double value) : ScalarOperator(grid)
{
    /// <inheritdoc/>
    public override void Evaluate(Span<double> values) => values.Fill(value);
}
