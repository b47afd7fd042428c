namespace PromHost.PromQL;

/// <summary>The function <c>vector</c>: one series without labels that has a scalar's values.</summary>
internal sealed class VectorOperator(ScalarOperator scalar) : SeriesOperator(scalar.Grid)
{
    private bool _isDone;

    public override IReadOnlyList<OutputSeries> Open() => [default(OutputSeries)];

    public override bool TryNext(SeriesRow row)
    {
        if (_isDone) return false;
        _isDone = true;
        row.Clear();
        row.FillPresence();
        scalar.Evaluate(row.Values);
        return true;
    }

    public override void Dispose()
    {
        scalar.Dispose();
        base.Dispose();
    }
}
