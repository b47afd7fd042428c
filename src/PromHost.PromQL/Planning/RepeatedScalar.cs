namespace PromHost.PromQL;

/// <summary>A scalar that is the same at every step: evaluated once.</summary>
internal sealed class RepeatedScalar(StepGrid grid, ScalarOperator input) : ScalarOperator(grid)
{
    /// <inheritdoc/>
    public override void Evaluate(Span<double> values)
    {
        Span<double> value = stackalloc double[1];
        input.Evaluate(value);
        values.Fill(value[0]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
