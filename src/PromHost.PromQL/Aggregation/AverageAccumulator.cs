// Hot path: folds the rows of avg.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Averages: a compensated sum and a count, and from the value on that would make the sum infinite, a compensated
/// running mean.
/// </summary>
internal sealed class AverageAccumulator(int stepCount) : GroupAccumulator(stepCount, stepBytes: 25)
{
    // Where _isMean has a bit, the sum column holds the running mean.
    private readonly StepColumns<double> _sums = new(stepCount);
    private readonly StepColumns<double> _compensations = new(stepCount);
    private readonly StepColumns<double> _counts = new(stepCount);
    private readonly StepColumns<ulong> _isMean = new(PresenceBits.WordCount(stepCount));

    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
        var sums = _sums.Row(group);
        var compensations = _compensations.Row(group);
        var counts = _counts.Row(group);
        var isMean = _isMean.Row(group);
        for (var word = 0; word < points.Length; word++)
        {
            var bits = points[word];
            var run = isMean[word] == 0 ? PresenceBits.LeadingRun(bits) : -1;
            if (run > 0)
            {
                var start = word * 64;
                var done = AddRun(
                    values.Slice(start, run), sums.Slice(start, run), compensations.Slice(start, run),
                    counts.Slice(start, run));
                bits = done == 64 ? 0 : bits & ~((1UL << done) - 1);
            }

            for (; bits != 0; bits &= bits - 1)
            {
                var bit = BitOperations.TrailingZeroCount(bits);
                var step = word * 64 + bit;
                if (Add(values[step], ref sums[step], ref compensations[step], ref counts[step],
                    (isMean[word] & (1UL << bit)) != 0))
                {
                    isMean[word] |= 1UL << bit;
                }
            }
        }
    }

    protected override void WriteValues(int group, Span<double> values)
    {
        var sums = _sums.Row(group);
        var compensations = _compensations.Row(group);
        var counts = _counts.Row(group);
        var isMean = _isMean.Row(group);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = PresenceBits.Has(isMean, i)
                ? sums[i] + compensations[i]
                : sums[i] / counts[i] + compensations[i] / counts[i];
        }
    }

    // Adds groups of four values up to the first that would make a sum infinite; returns how many were added.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddRun(
        ReadOnlySpan<double> values, Span<double> sums, Span<double> compensations, Span<double> counts)
    {
        var i = 0;
        var infinity = Vector256.Create(double.PositiveInfinity);
        for (; i <= values.Length - 4; i += 4)
        {
            var compensation = Vector256.Create<double>(compensations.Slice(i, 4));
            var sum = Vector256.Create<double>(sums.Slice(i, 4));
            var total = KahanSum.Add(Vector256.Create(values.Slice(i, 4)), sum, ref compensation);
            if (Vector256.EqualsAny(Vector256.Abs(total), infinity)) break;
            total.CopyTo(sums.Slice(i, 4));
            compensation.CopyTo(compensations.Slice(i, 4));
            (Vector256.Create<double>(counts.Slice(i, 4)) + Vector256<double>.One).CopyTo(counts.Slice(i, 4));
        }

        return i;
    }

    // Answers whether the sum is a running mean from now on.
    private static bool Add(
        double value, ref double sum, ref double compensation, ref double count, bool isMean)
    {
        count++;
        if (count == 1)
        {
            sum = value;
            compensation = 0;
            return false;
        }

        if (!isMean)
        {
            var newSum = sum;
            var newCompensation = compensation;
            KahanSum.Add(value, ref newSum, ref newCompensation);
            if (!double.IsInfinity(newSum))
            {
                sum = newSum;
                compensation = newCompensation;
                return false;
            }

            sum /= count - 1;
            compensation /= count - 1;
        }

        var weight = (count - 1) / count;
        sum *= weight;
        compensation *= weight;
        KahanSum.Add(value / count, ref sum, ref compensation);
        return true;
    }
}
