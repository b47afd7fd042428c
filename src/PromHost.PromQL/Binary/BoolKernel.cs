// Hot path: comparisons with bool on rows.
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>A comparison that gives 1 where it holds and 0 elsewhere.</summary>
internal sealed class BoolKernel<TComparison> : BinaryKernel
    where TComparison : struct, IComparison
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence)
    {
        for (var i = 0; i < result.Length; i++) result[i] = TComparison.Holds(left[i], right[i]) ? 1 : 0;
    }
}
