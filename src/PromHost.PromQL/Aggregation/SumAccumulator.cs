// Hot path: folds the rows of sum.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Compensated sums.</summary>
internal sealed class SumAccumulator(int stepCount) : GroupAccumulator(stepCount, stepBytes: 16)
{
    private readonly StepColumns<double> _sums = new(stepCount);
    private readonly StepColumns<double> _compensations = new(stepCount);

    // Adding the first value to 0 is the same as beginning with it: the end adds the compensation, so -0 becomes +0
    // either way.
    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
        var sums = _sums.Row(group);
        var compensations = _compensations.Row(group);
        for (var word = 0; word < points.Length; word++)
        {
            var bits = points[word];
            var run = PresenceBits.LeadingRun(bits);
            if (run >= 0)
            {
                AddRun(values.Slice(word * 64, run), sums.Slice(word * 64, run), compensations.Slice(word * 64, run));
                continue;
            }

            for (; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                KahanSum.Add(values[step], ref sums[step], ref compensations[step]);
            }
        }
    }

    protected override void WriteValues(int group, Span<double> values)
    {
        var sums = _sums.Row(group);
        var compensations = _compensations.Row(group);
        for (var i = 0; i < values.Length; i++) values[i] = sums[i] + compensations[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRun(ReadOnlySpan<double> values, Span<double> sums, Span<double> compensations)
    {
        var i = 0;
        for (; i <= values.Length - 4; i += 4)
        {
            var compensation = Vector256.Create<double>(compensations.Slice(i, 4));
            var sum = Vector256.Create<double>(sums.Slice(i, 4));
            KahanSum.Add(Vector256.Create(values.Slice(i, 4)), sum, ref compensation).CopyTo(sums.Slice(i, 4));
            compensation.CopyTo(compensations.Slice(i, 4));
        }

        for (; i < values.Length; i++) KahanSum.Add(values[i], ref sums[i], ref compensations[i]);
    }
}
