namespace PromHost.PromQL;

/// <summary>The functions <c>max_of</c> and <c>min_of</c> of two scalars.</summary>
internal sealed class ScalarExtremumOperator(ScalarOperator first, ScalarOperator second, bool isMax)
    : ScalarOperator(first.Grid)
{
    public override void Evaluate(Span<double> values)
    {
        first.Evaluate(values);
        var others = new double[values.Length];
        second.Evaluate(others);
        for (var i = 0; i < values.Length; i++)
            values[i] = isMax ? GoMath.Max(values[i], others[i]) : GoMath.Min(values[i], others[i]);
    }

    public override void Dispose()
    {
        first.Dispose();
        second.Dispose();
        base.Dispose();
    }
}
