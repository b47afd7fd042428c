// Hot path: %, ^ and atan2 on rows.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>Arithmetic that is worth asking first where the points are.</summary>
internal sealed class ArithmeticKernel<TOperation> : BinaryKernel
    where TOperation : struct, IArithmetic
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence)
    {
        for (var word = 0; word < presence.Length; word++)
        {
            for (var bits = presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                result[step] = TOperation.Apply(left[step], right[step]);
            }
        }
    }
}
