// Hot path: every row of every aggregation passes here.
namespace PromHost.PromQL;

/// <summary>
/// An aggregation that needs a fixed amount of state per group and step: rows are folded in as they stream, none is
/// held.
/// </summary>
internal sealed class FoldOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, GroupAccumulator accumulator)
    : SeriesOperator(input.Grid)
{
    private int _groupCount;
    private int _next;
    private long _heldSamples;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        var groups = SeriesGroups.For(series, expression);
        _groupCount = groups.GroupLabels.Count;
        var outputs = new OutputSeries[_groupCount];
        for (var i = 0; i < _groupCount; i++) outputs[i] = new OutputSeries(groups.GroupLabels[i]);
        var row = new SeriesRow(Grid.Count);
        for (var i = 0; input.TryNext(row); i++)
        {
            var group = groups.GroupOf[i];
            if (row.HasHistograms) TakeHistograms(row);
            var added = accumulator.Fold(group, row);
            _heldSamples += added;
            context.HoldSamples(added);
            if (series[i].DropName) outputs[group] = outputs[group] with { DropName = true };
        }

        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_next == _groupCount) return false;
        row.Clear();
        accumulator.Finish(_next++, row);
        return true;
    }

    public override void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
        input.Dispose();
        base.Dispose();
    }

    // count and group see a point, whatever it is; the others work on floats.
    private void TakeHistograms(SeriesRow row)
    {
        var aggregation = expression.Aggregation;
        if (aggregation is PromQL.Aggregation.Count or PromQL.Aggregation.Group) return;
        var any = row.RemoveHistograms();
        if (any && aggregation is not (PromQL.Aggregation.Sum or PromQL.Aggregation.Avg))
            context.InformHistogramIgnored(aggregation, expression.Operand.WithoutParentheses().Position);
    }
}
