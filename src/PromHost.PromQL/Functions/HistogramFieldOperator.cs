namespace PromHost.PromQL;

/// <summary>
/// <c>histogram_count</c>, <c>histogram_sum</c>, <c>histogram_avg</c>: a number of each histogram. Floats vanish.
/// </summary>
internal sealed class HistogramFieldOperator(QueryContext context, string function, SeriesOperator input)
    : SeriesOperator(input.Grid)
{
    private readonly SeriesRow _inputRow = new(input.Grid.Count);

    public override IReadOnlyList<OutputSeries> Open() => DroppedNames.Of(context, input.Open());

    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(_inputRow)) return false;
        row.Clear();
        if (!_inputRow.HasHistograms) return true;
        for (var step = 0; step < row.StepCount; step++)
        {
            if (!_inputRow.Has(step) || _inputRow.Histograms[step] is not { } histogram) continue;
            row.Set(step, function switch
            {
                "histogram_count" => histogram.Count,
                "histogram_sum" => histogram.Sum,
                "histogram_avg" => histogram.Sum / histogram.Count,
                _ => throw new QueryException(
                    QueryErrorKind.Execution, $"function {function} is not supported yet for native histograms"),
            });
        }

        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
