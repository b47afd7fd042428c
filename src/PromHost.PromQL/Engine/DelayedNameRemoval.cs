namespace PromHost.PromQL;

/// <summary>Drops, at the end of a query, the names that its operators only marked.</summary>
internal sealed class DelayedNameRemoval(SeriesOperator input) : SeriesOperator(input.Grid)
{
    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        var outputs = new OutputSeries[series.Count];
        for (var i = 0; i < outputs.Length; i++)
            outputs[i] = series[i].DropName ? new OutputSeries(MetadataLabels.DropFrom(series[i].Labels)) : series[i];
        return outputs;
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row) => input.TryNext(row);

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
