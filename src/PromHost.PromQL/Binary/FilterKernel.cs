// Hot path: comparisons that filter rows.
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>A comparison that takes away the points where it does not hold.</summary>
internal sealed class FilterKernel<TComparison> : BinaryKernel
    where TComparison : struct, IComparison
{
    public override bool WritesValues => false;

    public override void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence)
    {
        for (var word = 0; word < presence.Length; word++)
        {
            if (presence[word] == 0) continue;
            var start = word * 64;
            var count = Math.Min(64, left.Length - start);
            presence[word] &= Holds(left.Slice(start, count), right.Slice(start, count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Holds(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var holds = 0UL;
        for (var i = 0; i < left.Length; i++)
        {
            if (TComparison.Holds(left[i], right[i])) holds |= 1UL << i;
        }

        return holds;
    }
}
