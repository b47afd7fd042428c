namespace PromHost.PromQL;

/// <summary>Applies a function to a scalar.</summary>
internal sealed class ScalarMapOperator<TMap>(ScalarOperator input) : ScalarOperator(input.Grid)
    where TMap : struct, IMap
{
    public override void Evaluate(Span<double> values)
    {
        input.Evaluate(values);
        foreach (ref var value in values) value = TMap.Apply(value);
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
