// Hot path: folds the rows of count.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>The number of points.</summary>
internal sealed class CountAccumulator(int stepCount) : GroupAccumulator(stepCount, stepBytes: 4)
{
    private readonly StepColumns<int> _counts = new(stepCount);

    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
        var counts = _counts.Row(group);
        for (var word = 0; word < points.Length; word++)
        {
            var bits = points[word];
            var run = PresenceBits.LeadingRun(bits);
            if (run >= 0)
            {
                AddOne(counts.Slice(word * 64, run));
                continue;
            }

            for (; bits != 0; bits &= bits - 1) counts[word * 64 + BitOperations.TrailingZeroCount(bits)]++;
        }
    }

    protected override void WriteValues(int group, Span<double> values)
    {
        var counts = _counts.Row(group);
        for (var i = 0; i < values.Length; i++) values[i] = counts[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(Span<int> counts)
    {
        var i = 0;
        for (; i <= counts.Length - Vector<int>.Count; i += Vector<int>.Count)
            (new Vector<int>(counts[i..]) + Vector<int>.One).CopyTo(counts[i..]);
        for (; i < counts.Length; i++) counts[i]++;
    }
}
