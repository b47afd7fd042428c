// Hot path: holds the points of the "one" side of every join.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The "one" side of a join: all series of a match group laid over each other, since at most one of them may have a
/// point at a step. Where two have, the pair is remembered; whether that is an error depends on the other side.
/// </summary>
internal sealed class HeldSide(QueryContext context, JoinPlan plan, int stepCount) : IDisposable
{
    private const int NoSeries = -1;

    private readonly StepColumns<double> _values = new(stepCount);
    private readonly StepColumns<ulong> _presence = new(PresenceBits.WordCount(stepCount));
    private readonly NativeHistogram?[]?[] _histograms = new NativeHistogram?[]?[plan.MembersPerGroup.Length];
    private readonly HistogramPool _pool = new(); // of all histograms
    private readonly int[]?[] _seriesAt = new int[]?[plan.MembersPerGroup.Length];
    private readonly List<(int Series, ulong[] Steps)> _conflicts = [];
    private long _heldSamples;

    /// <summary>Do two series of a group have a point at the same step anywhere?</summary>
    public bool HasConflicts => _conflicts.Count > 0;

    /// <summary>The points of a group; mean something only where present, and only below the needed groups.</summary>
    public PairSide Points(int group) => new(_values.Row(group), _histograms[group]);

    /// <summary>Where a group has a point.</summary>
    public ReadOnlySpan<ulong> Presence(int group) => _presence.Row(group);

    /// <summary>Reads the side to its end.</summary>
    public void Read(SeriesOperator input)
    {
        var row = new SeriesRow(stepCount);
        for (var i = 0; input.TryNext(row); i++)
        {
            var count = row.CountPresent();
            _heldSamples += count;
            context.HoldSamples(count);
            if (row.HasHistograms) context.HoldBytes(row.HistogramBytes());
            Take(i, plan.OneGroups[i], row);
        }
    }

    /// <summary>Keeps of a presence row the steps at which the group's point is of a series of the class.</summary>
    public void KeepClass(int group, int wanted, Span<ulong> presence)
    {
        if (_seriesAt[group] is not { } seriesAt) return;
        for (var word = 0; word < presence.Length; word++)
        {
            for (var bits = presence[word]; bits != 0; bits &= bits - 1)
            {
                var bit = BitOperations.TrailingZeroCount(bits);
                if (plan.OneClasses[seriesAt[word * 64 + bit]] != wanted) presence[word] &= ~(1UL << bit);
            }
        }
    }

    /// <summary>The first conflict at one of the steps: the two series and their group.</summary>
    public (int First, int Second, int Group)? FindConflict(ReadOnlySpan<ulong> steps)
    {
        (int First, int Second, int Group)? found = null;
        var foundStep = int.MaxValue;
        foreach (var (series, conflictSteps) in _conflicts)
        {
            for (var word = 0; word < conflictSteps.Length; word++)
            {
                var bits = conflictSteps[word] & steps[word];
                if (bits == 0) continue;
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (step < foundStep)
                {
                    var group = plan.OneGroups[series];
                    foundStep = step;
                    found = (_seriesAt[group]![step], series, group);
                }

                break;
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
    }

    private void Take(int series, int group, SeriesRow row)
    {
        var presence = _presence.Row(group);
        var isNeeded = group < plan.NeededGroups;
        if (plan.MembersPerGroup[group] == 1)
        {
            row.Presence.CopyTo(presence);
            if (!isNeeded) return;
            row.Values.CopyTo(_values.Row(group));
            for (var step = 0; row.HasHistograms && step < stepCount; step++) TakeHistogram(group, row, step);
            return;
        }

        if (_seriesAt[group] is not { } seriesAt)
        {
            _seriesAt[group] = seriesAt = new int[stepCount];
            Array.Fill(seriesAt, NoSeries);
        }

        if (PresenceBits.Intersect(presence, row.Presence))
        {
            var steps = row.Presence.ToArray();
            PresenceBits.And(steps, presence);
            _conflicts.Add((series, steps));
        }

        var values = isNeeded ? _values.Row(group) : default;
        for (var step = 0; step < stepCount; step++)
        {
            if (!row.Has(step) || PresenceBits.Has(presence, step)) continue;
            seriesAt[step] = series;
            if (!isNeeded) continue;
            values[step] = row.Values[step];
            TakeHistogram(group, row, step);
        }

        PresenceBits.Or(presence, row.Presence);
    }

    // Where a fill value stands in for a missing point there must be no histogram.
    private void TakeHistogram(int group, SeriesRow row, int step)
    {
        if (row.Has(step) && row.HistogramAt(step) is { } histogram)
            (_histograms[group] ??= new NativeHistogram?[stepCount])[step] = _pool.Copy(histogram);
    }
}
