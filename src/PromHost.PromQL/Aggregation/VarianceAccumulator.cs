// Hot path: folds the rows of stddev and stdvar.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>Population variance by Welford's recurrence, or its square root.</summary>
internal sealed class VarianceAccumulator(int stepCount, bool isDeviation) : GroupAccumulator(stepCount, stepBytes: 24)
{
    private readonly StepColumns<double> _means = new(stepCount);
    private readonly StepColumns<double> _squares = new(stepCount);
    private readonly StepColumns<double> _counts = new(stepCount);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
        var means = _means.Row(group);
        var squares = _squares.Row(group);
        var counts = _counts.Row(group);
        for (var word = 0; word < points.Length; word++)
        {
            for (var bits = points[word]; bits != 0; bits &= bits - 1)
            {
                // A first value of NaN or infinity makes the squares NaN, any other leaves them at 0.
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                var count = counts[step] + 1;
                var delta = values[step] - means[step];
                means[step] += delta / count;
                squares[step] += delta * (values[step] - means[step]);
                counts[step] = count;
            }
        }
    }

    protected override void WriteValues(int group, Span<double> values)
    {
        var squares = _squares.Row(group);
        var counts = _counts.Row(group);
        for (var i = 0; i < values.Length; i++)
        {
            var variance = squares[i] / counts[i];
            values[i] = isDeviation ? Math.Sqrt(variance) : variance;
        }
    }
}
