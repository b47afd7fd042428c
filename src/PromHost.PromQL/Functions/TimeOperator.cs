namespace PromHost.PromQL;

/// <summary>The function <c>time</c>: the time of the evaluation in seconds since the epoch.</summary>
internal sealed class TimeOperator(StepGrid grid) : ScalarOperator(grid)
{
    public override void Evaluate(Span<double> values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = Grid.TimeMs(i) / 1000.0;
    }
}
