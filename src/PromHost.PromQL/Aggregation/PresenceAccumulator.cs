namespace PromHost.PromQL;

/// <summary>1 wherever a group has a point: the aggregation <c>group</c>.</summary>
internal sealed class PresenceAccumulator(int stepCount) : GroupAccumulator(stepCount, stepBytes: 0)
{
    protected override void FoldValues(
        int group, ReadOnlySpan<double> values, ReadOnlySpan<ulong> points, ReadOnlySpan<ulong> seen)
    {
    }

    protected override void WriteValues(int group, Span<double> values) => values.Fill(1);
}
