// Hot path: every point of timestamp.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// The function <c>timestamp</c> of anything but a selector: points of a calculated vector have the time of the
/// evaluation.
/// </summary>
internal sealed class TimestampOperator(QueryContext context, SeriesOperator input) : SeriesOperator(input.Grid)
{
    private readonly SeriesRow _inputRow = new(input.Grid.Count);

    public override IReadOnlyList<OutputSeries> Open() => DroppedNames.Of(context, input.Open());

    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(_inputRow)) return false;
        row.Clear();
        _inputRow.Presence.CopyTo(row.Presence);
        for (var word = 0; word < row.Presence.Length; word++)
        {
            for (var bits = row.Presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                row.Values[step] = Grid.TimeMs(step) / 1000.0;
            }
        }

        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
