// Hot path: folds the rows of every aggregation.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// What an aggregation knows of each group at each step. Rows are folded in as they come; one virtual call per row.
/// </summary>
/// <remarks>Invariant: columns mean something only where the group's presence bit is set.</remarks>
/// <param name="stepCount">The number of steps.</param>
/// <param name="stepBytes">What the columns of a group take per step, beside its presence.</param>
internal abstract class GroupAccumulator(int stepCount, int stepBytes)
{
    private readonly StepColumns<ulong> _presence = new(PresenceBits.WordCount(stepCount));

    /// <summary>What a group takes in memory.</summary>
    public long BytesPerGroup => SeriesRow.BytesOf(StepCount) + (stepBytes - sizeof(double)) * (long)StepCount;

    /// <summary>The number of steps.</summary>
    protected int StepCount { get; } = stepCount;

    /// <summary>Where a group has had points so far.</summary>
    public ReadOnlySpan<ulong> Presence(int group) => _presence.Row(group);

    /// <summary>Folds a row into a group.</summary>
    /// <returns>At how many steps the group has its first point.</returns>
    public int Fold(int group, SeriesRow row)
    {
        var presence = _presence.Row(group);
        FoldValues(group, row.Values, row.Presence, presence);
        var added = 0;
        for (var i = 0; i < presence.Length; i++)
        {
            added += BitOperations.PopCount(row.Presence[i] & ~presence[i]);
            presence[i] |= row.Presence[i];
        }

        return added;
    }

    /// <summary>Writes a group's result into an empty row.</summary>
    public void Finish(int group, SeriesRow row)
    {
        _presence.Row(group).CopyTo(row.Presence);
        WriteValues(group, row.Values);
    }

    /// <summary>Folds the values of a row.</summary>
    /// <param name="group">The group.</param>
    /// <param name="values">The row's values.</param>
    /// <param name="points">Where the row has points.</param>
    /// <param name="seen">Where the group has had points before.</param>
    protected abstract void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen);

    /// <summary>Writes the results of all steps; those without a point may be anything.</summary>
    protected abstract void WriteValues(int group, Span<double> values);
}
