using System.Diagnostics;

namespace PromHost.PromQL;

/// <summary>Measures an operator whose value is a scalar; stands before it only when a query is analyzed.</summary>
internal sealed class MeasuredScalar(ScalarOperator input, NodeMeasure measure) : ScalarOperator(input.Grid)
{
    /// <inheritdoc/>
    public override void Evaluate(Span<double> values)
    {
        var started = Stopwatch.GetTimestamp();
        input.Evaluate(values);
        measure.ElapsedTicks += Stopwatch.GetTimestamp() - started;
        measure.Series = 1;
        measure.Points += values.Length;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
