namespace PromHost.PromQL;

/// <summary>An operation between two scalars; comparisons give 0 and 1.</summary>
internal sealed class ScalarBinaryOperator(ScalarOperator left, ScalarOperator right, BinaryKernel kernel)
    : ScalarOperator(left.Grid)
{
    public override void Evaluate(Span<double> values)
    {
        left.Evaluate(values);
        var rightValues = new double[values.Length];
        right.Evaluate(rightValues);
        var presence = new ulong[PresenceBits.WordCount(values.Length)];
        Array.Fill(presence, ulong.MaxValue);
        if ((values.Length & 63) != 0) presence[^1] = (1UL << (values.Length & 63)) - 1;
        kernel.Apply(values, rightValues, values, presence);
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
        base.Dispose();
    }
}
