using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// <c>histogram_count</c>, <c>histogram_sum</c>, <c>histogram_avg</c>, <c>histogram_stddev</c>,
/// <c>histogram_stdvar</c>: a number of each native histogram. Floats vanish.
/// </summary>
internal sealed class HistogramFieldOperator(QueryContext context, string function, SeriesOperator input)
    : SeriesOperator(input.Grid)
{
    private static readonly LabelNameSet s_name = new(Labels.MetricName);

    private readonly SeriesRow _inputRow = new(input.Grid.Count);

    // Upstream leaves type and unit here, unless names are dropped at the end.
    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        if (context.Features.DelayedNameRemoval) return DroppedNames.Of(context, series);
        var dropped = new OutputSeries[series.Count];
        for (var i = 0; i < dropped.Length; i++)
            dropped[i] = new OutputSeries(series[i].Labels.Drop(s_name), DropName: true);
        return dropped;
    }

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
                "histogram_avg" => HistogramEstimates.Average(histogram),
                "histogram_stddev" => HistogramEstimates.StandardDeviation(histogram),
                _ => HistogramEstimates.Variance(histogram),
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
