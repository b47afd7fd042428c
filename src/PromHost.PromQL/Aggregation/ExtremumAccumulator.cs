// Hot path: folds the rows of min and max.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>The largest or smallest value; NaN only where there is nothing else.</summary>
internal sealed class ExtremumAccumulator<TOrder>(int stepCount) : GroupAccumulator(stepCount, stepBytes: 8)
    where TOrder : struct, IExtremum
{
    // NaN loses against everything, so it also stands for "nothing yet".
    private readonly StepColumns<double> _best = new(stepCount, double.NaN);

    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
        var best = _best.Row(group);
        for (var word = 0; word < points.Length; word++)
        {
            var bits = points[word];
            var run = PresenceBits.LeadingRun(bits);
            if (run >= 0)
            {
                FoldRun(values.Slice(word * 64, run), best.Slice(word * 64, run));
                continue;
            }

            for (; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (TOrder.Beats(values[step], best[step]) || double.IsNaN(best[step])) best[step] = values[step];
            }
        }
    }

    protected override void WriteValues(int group, Span<double> values) => _best.Row(group).CopyTo(values);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FoldRun(ReadOnlySpan<double> values, Span<double> best)
    {
        var i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            var old = Vector256.Create<double>(best.Slice(i, 4));
            var candidate = Vector256.Create(values.Slice(i, 4));
            var keepsOld = Vector256.AndNot(Vector256.Equals(old, old), TOrder.Beats(candidate, old));
            Vector256.ConditionalSelect(keepsOld, old, candidate).CopyTo(best.Slice(i, 4));
        }

        for (; i < values.Length; i++)
        {
            if (TOrder.Beats(values[i], best[i]) || double.IsNaN(best[i])) best[i] = values[i];
        }
    }
}
