namespace PromHost.PromQL;

/// <summary>
/// The kernel of operators that are not defined for two floats; <see cref="HistogramPairs"/> has taken all pairs.
/// </summary>
internal sealed class NoFloatKernel : BinaryKernel
{
    public override bool WritesValues => false;

    public override void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence)
    {
    }
}
