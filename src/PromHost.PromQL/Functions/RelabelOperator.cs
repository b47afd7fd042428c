namespace PromHost.PromQL;

/// <summary>Passes rows through and changes the labels of their series.</summary>
/// <param name="context">The query's.</param>
/// <param name="input">The vector.</param>
/// <param name="relabel">What becomes of a series.</param>
internal sealed class RelabelOperator(
    QueryContext context, SeriesOperator input, Func<OutputSeries, OutputSeries> relabel)
    : SeriesOperator(input.Grid)
{
    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        var relabeled = new OutputSeries[series.Count];
        for (var i = 0; i < relabeled.Length; i++)
        {
            context.CheckEnded(i);
            relabeled[i] = relabel(series[i]);
        }

        context.HoldLabels(relabeled);
        return relabeled;
    }

    public override bool TryNext(SeriesRow row) => input.TryNext(row);

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
