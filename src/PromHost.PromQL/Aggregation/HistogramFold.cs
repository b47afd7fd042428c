// Hot path: folds the histograms of every row of sum and avg.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The native histograms of <c>sum</c> and <c>avg</c>, beside the floats: a total per group and step that has any.
/// Where a group has both at a step there is no result, but a warning.
/// </summary>
/// <remarks>
/// As upstream a group remembers at each step what came first: histograms behind a float are not looked at, and once
/// histograms do not go together, whatever comes later is ignored, floats too.
/// </remarks>
internal sealed class HistogramFold<TTotal>(
    QueryContext context, AggregateExpression expression, int stepCount, Func<HistogramWorkspace, TTotal> create)
    : IHistogramFold
    where TTotal : class, IHistogramTotal
{
    private const string Operation = "aggregation";

    // Samples of 16 bytes, as everything that is held is counted.
    private const int SampleSizeBytes = 16;

    private readonly HistogramWorkspace _workspace = new();
    private readonly PositionRange _position = expression.Operand.WithoutParentheses().Position;
    private readonly List<Group?> _groups = [];
    private HistogramConflicts _told;

    public long Fold(int group, SeriesRow row, ReadOnlySpan<ulong> floats, Labels labels)
    {
        if (!row.HasHistograms)
        {
            if (Find(group) is { IsBroken: true } broken) PresenceBits.AndNot(row.Presence, broken.Broken);
            return 0;
        }

        while (_groups.Count <= group) _groups.Add(null);
        var state = _groups[group] ??= new Group(stepCount);
        var held = 0L;
        var presence = row.Presence;
        for (var word = 0; word < presence.Length; word++)
        {
            for (var bits = presence[word] & ~state.Broken[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (row.Histograms[step] is not { } histogram) continue;
                PresenceBits.Set(state.Seen, step);
                ref var total = ref state.Totals[step];
                if (total is null)
                {
                    if (PresenceBits.Has(floats, step)) continue;
                    total = create(_workspace);
                    held += HistogramSize.BytesOf(histogram) / SampleSizeBytes;
                }

                Add(total, histogram, labels, state, step);
            }
        }

        // A total has two of everything: sums and their compensation.
        if (held > 0) context.HoldBytes(held * 2 * SampleSizeBytes);
        row.RemoveHistograms();
        if (state.IsBroken) PresenceBits.AndNot(presence, state.Broken);
        return held;
    }

    public void Finish(int group, SeriesRow row)
    {
        if (Find(group) is not { } state) return;
        for (var word = 0; word < state.Seen.Length; word++)
        {
            for (var bits = state.Seen[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (row.Has(step))
                {
                    row.Unset(step);
                    context.WarnMixedAggregation(_position, expression.Position);
                }
                else if (state.Totals[step]!.Finish(isCompact: true) is { } histogram)
                {
                    row.Set(step, histogram);
                    var conflicts = state.Totals[step]!.Conflicts;
                    if ((conflicts & HistogramConflicts.CounterResetHints) != HistogramConflicts.None)
                        context.WarnCounterResets(Operation, _position, expression.Position);
                }
            }
        }

        _groups[group] = null;
    }

    private Group? Find(int group) => group < _groups.Count ? _groups[group] : null;

    private void Add(TTotal total, NativeHistogram histogram, Labels labels, Group state, int step)
    {
        total.Add(histogram);
        if ((total.Conflicts & ~_told & ~HistogramConflicts.CounterResetHints) == HistogramConflicts.None) return;
        if ((total.Conflicts & ~_told & HistogramConflicts.CustomBounds) != HistogramConflicts.None)
        {
            _told |= HistogramConflicts.CustomBounds;
            context.InformCustomBounds(Operation, _position, expression.Position);
        }

        if ((total.Conflicts & HistogramConflicts.Schemas) == HistogramConflicts.None) return;
        PresenceBits.Set(state.Broken, step);
        state.IsBroken = true;
        context.WarnMixedSchemas(MetricNameOf(labels), _position, expression.Position);
    }

    // A selector that is read without its labels has one name.
    private string MetricNameOf(Labels labels) =>
        labels.GetString(Labels.MetricName) ??
        (expression.Operand.WithoutParentheses() as VectorSelector)?.Name ?? string.Empty;

    private sealed class Group(int stepCount)
    {
        public TTotal?[] Totals { get; } = new TTotal?[stepCount];

        /// <summary>At which steps has there been a histogram?</summary>
        public ulong[] Seen { get; } = new ulong[PresenceBits.WordCount(stepCount)];

        /// <summary>At which steps did histograms not go together?</summary>
        public ulong[] Broken { get; } = new ulong[PresenceBits.WordCount(stepCount)];

        public bool IsBroken { get; set; }
    }
}
