using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The pairs of a binary operation that a kernel for floats cannot work out: those with a native histogram, and all
/// pairs of the trimming operators. A row goes through three calls: <see cref="Resolve"/>, then the kernel between
/// <see cref="TakeOut"/> and <see cref="Write"/>.
/// </summary>
internal sealed class HistogramPairs(
    QueryContext context, BinaryExpression expression, bool returnsBool, int stepCount)
{
    private readonly PairMessages _messages = new(context, expression, stepCount);
    private readonly bool _isTrim =
        expression.Operator is BinaryOperator.TrimUpper or BinaryOperator.TrimLower;

    private readonly ulong[] _resolved = new ulong[PresenceBits.WordCount(stepCount)];
    private readonly ulong[] _kept = new ulong[PresenceBits.WordCount(stepCount)];
    private HistogramWorkspace? _workspace;
    private NativeHistogram?[] _results = [];
    private bool _isPending;

    /// <summary>Works the pairs out.</summary>
    /// <param name="left">The left side.</param>
    /// <param name="right">The right side.</param>
    /// <param name="presence">
    /// Where there are pairs; those that the operator is not defined for are taken away: upstream does as if they had
    /// never met.
    /// </param>
    public void Resolve(in PairSide left, in PairSide right, Span<ulong> presence)
    {
        _isPending = _isTrim || left.HasHistograms || right.HasHistograms;
        if (!_isPending) return;
        if (_results.Length == 0) _results = new NativeHistogram?[stepCount];
        _resolved.AsSpan().Clear();
        _kept.AsSpan().Clear();
        for (var word = 0; word < presence.Length; word++)
        {
            for (var bits = presence[word]; bits != 0; bits &= bits - 1)
            {
                var bit = BitOperations.TrailingZeroCount(bits);
                var step = word * 64 + bit;
                var leftHistogram = left.HistogramAt(step);
                var rightHistogram = right.HistogramAt(step);
                if (!_isTrim && leftHistogram is null && rightHistogram is null) continue;
                var message = (leftHistogram, rightHistogram) switch
                {
                    (null, null) => PairMessage.FloatFloat,
                    (null, _) => Apply(step, left.Values[step], rightHistogram),
                    (_, null) => Apply(step, leftHistogram, right.Values[step]),
                    _ => Apply(step, leftHistogram, rightHistogram),
                };
                if (message != PairMessage.None) _messages.Note(step, message);
                if (message is PairMessage.None or PairMessage.CustomBounds) _resolved[word] |= 1UL << bit;
                else presence[word] &= ~(1UL << bit);
            }
        }
    }

    /// <summary>Takes the pairs out that have been worked out; what remains is the kernel's.</summary>
    public void TakeOut(Span<ulong> presence)
    {
        if (_isPending) PresenceBits.AndNot(presence, _resolved);
    }

    /// <summary>Adds the results of the pairs to a row into which the kernel has written the others.</summary>
    public void Write(SeriesRow row)
    {
        if (!_isPending) return;
        for (var word = 0; word < _resolved.Length; word++)
        {
            for (var bits = _resolved[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                var isKept = PresenceBits.Has(_kept, step);
                if (returnsBool) row.Set(step, isKept ? 1 : 0);
                else if (isKept) row.Set(step, _results[step]!);
                _results[step] = null;
            }
        }
    }

    /// <summary>Adds what there is to tell to the query's annotations; once, behind the last row.</summary>
    public void Report() => _messages.Report();

    private PairMessage Apply(int step, double left, NativeHistogram right)
    {
        if (expression.Operator != BinaryOperator.Multiply) return PairMessage.FloatHistogram;
        return Keep(step, Compact(HistogramArithmetic.Multiply(right, left)));
    }

    private PairMessage Apply(int step, NativeHistogram left, double right) => expression.Operator switch
    {
        BinaryOperator.Multiply => Keep(step, Compact(HistogramArithmetic.Multiply(left, right))),
        BinaryOperator.Divide => Keep(step, Compact(HistogramArithmetic.Divide(left, right))),
        BinaryOperator.TrimUpper => Keep(step, HistogramTrimming.KeepBelow(left, right, Workspace)),
        BinaryOperator.TrimLower => Keep(step, HistogramTrimming.KeepAbove(left, right, Workspace)),
        _ => PairMessage.HistogramFloat,
    };

    private PairMessage Apply(int step, NativeHistogram left, NativeHistogram right)
    {
        switch (expression.Operator)
        {
            case BinaryOperator.Add:
                return Keep(step, HistogramArithmetic.Add(left, right, Workspace, out var conflicts), conflicts);
            case BinaryOperator.Subtract:
                return Keep(step, HistogramArithmetic.Subtract(left, right, Workspace, out conflicts), conflicts);
            case BinaryOperator.Equal:
                return HistogramIdentity.AreEqual(left, right) ? Keep(step, left) : PairMessage.None;
            case BinaryOperator.NotEqual:
                return HistogramIdentity.AreEqual(left, right) ? PairMessage.None : Keep(step, left);
            default:
                return PairMessage.HistogramHistogram;
        }
    }

    private HistogramWorkspace Workspace => _workspace ??= new HistogramWorkspace();

    private NativeHistogram Compact(NativeHistogram histogram) => HistogramArithmetic.Compact(histogram, Workspace);

    private PairMessage Keep(int step, NativeHistogram? histogram, HistogramConflicts conflicts)
    {
        if (histogram is null) return PairMessage.BucketLayouts;
        if ((conflicts & HistogramConflicts.CounterResetHints) != HistogramConflicts.None)
            return PairMessage.CounterResets;
        Keep(step, histogram);
        return (conflicts & HistogramConflicts.CustomBounds) == HistogramConflicts.None
            ? PairMessage.None
            : PairMessage.CustomBounds;
    }

    private PairMessage Keep(int step, NativeHistogram histogram)
    {
        _results[step] = histogram;
        PresenceBits.Set(_kept, step);
        return PairMessage.None;
    }
}
