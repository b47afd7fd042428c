namespace PromHost.PromQL;

/// <summary>A vector that is the same at every step: evaluated once, on a grid of one step.</summary>
internal sealed class RepeatedSeries(StepGrid grid, SeriesOperator input) : SeriesOperator(grid)
{
    private readonly SeriesRow _inputRow = new(1);

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open() => input.Open();

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(_inputRow)) return false;
        row.Clear();
        if (!_inputRow.Has(0)) return true;
        if (_inputRow.HasHistograms && _inputRow.Histograms[0] is { } histogram)
        {
            row.Set(0, histogram);
            for (var step = 1; step < row.StepCount; step++) row.Repeat(step, 0);
            return true;
        }

        row.Values.Fill(_inputRow.Values[0]);
        row.FillPresence();
        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
