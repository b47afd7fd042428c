using PromHost.Model;

namespace PromHost.PromQL;

/// <summary><c>absent_over_time</c>: 1 at every step at which no series of the input has a point.</summary>
/// <param name="context">The query.</param>
/// <param name="input">A point wherever a series has a sample in its window; owned.</param>
/// <param name="labels">The labels of the result.</param>
internal sealed class AbsentOverTime(QueryContext context, SeriesOperator input, Labels labels)
    : SeriesOperator(input.Grid)
{
    private bool _done;

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        input.Open();
        return [new OutputSeries(labels, DropName: true)];
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        if (_done) return false;
        _done = true;
        row.Clear();
        var inputRow = new SeriesRow(Grid.Count);
        row.FillPresence();
        while (input.TryNext(inputRow))
        {
            context.CheckEnded();
            for (var word = 0; word < row.Presence.Length; word++) row.Presence[word] &= ~inputRow.Presence[word];
        }

        row.Values.Fill(1);
        context.CancellationToken.ThrowIfCancellationRequested();
        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
