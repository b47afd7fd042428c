namespace PromHost.PromQL;

/// <summary>The function <c>absent</c>: 1 wherever a vector has no point at all.</summary>
internal sealed class AbsentOperator(Expression argument, SeriesOperator input) : SeriesOperator(input.Grid)
{
    private bool _isDone;

    public override IReadOnlyList<OutputSeries> Open()
    {
        input.Open();
        return [new OutputSeries(AbsentLabels.Of(argument))];
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_isDone) return false;
        _isDone = true;
        var seen = new ulong[PresenceBits.WordCount(Grid.Count)];
        while (input.TryNext(row)) PresenceBits.Or(seen, row.Presence);
        row.Clear();
        row.FillPresence();
        PresenceBits.AndNot(row.Presence, seen);
        row.Values.Fill(1);
        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
