// Hot path: every row of every aggregation passes here.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// An aggregation that needs a fixed amount of state per group and step: rows are folded in as they stream, none is
/// held.
/// </summary>
internal sealed class FoldOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, GroupAccumulator accumulator)
    : SeriesOperator(input.Grid)
{
    private IHistogramFold? _histograms;
    private bool _isIgnoranceTold;
    private int _groupCount;
    private int _next;
    private long _heldSamples;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        var groups = SeriesGroups.For(context, series, expression);
        _groupCount = groups.GroupLabels.Count;
        context.HoldBytes(series.Count * 4L + _groupCount * accumulator.BytesPerGroup);
        context.HoldLabels(groups.GroupLabels);
        var outputs = new OutputSeries[_groupCount];
        for (var i = 0; i < _groupCount; i++) outputs[i] = new OutputSeries(groups.GroupLabels[i]);
        var row = new SeriesRow(Grid.Count);
        for (var i = 0; input.TryNext(row); i++)
        {
            var group = groups.GroupOf[i];
            var added = row.HasHistograms || _histograms is not null ? TakeHistograms(group, row, series[i].Labels) : 0;
            added += accumulator.Fold(group, row);
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
        accumulator.Finish(_next, row);
        _histograms?.Finish(_next, row);
        _next++;
        return true;
    }

    public override void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
        input.Dispose();
        base.Dispose();
    }

    // count and group see a point, whatever it is; those that know floats only say so.
    private long TakeHistograms(int group, SeriesRow row, Labels labels)
    {
        switch (expression.Aggregation)
        {
            case PromQL.Aggregation.Count or PromQL.Aggregation.Group:
                return 0;
            case PromQL.Aggregation.Sum:
                _histograms ??= new HistogramFold<HistogramSum>(
                    context, expression, Grid.Count, static workspace => new HistogramSum(workspace));
                return _histograms.Fold(group, row, accumulator.Presence(group), labels);
            case PromQL.Aggregation.Avg:
                _histograms ??= new HistogramFold<HistogramMean>(
                    context, expression, Grid.Count, static workspace => new HistogramMean(workspace));
                return _histograms.Fold(group, row, accumulator.Presence(group), labels);
        }

        if (!row.RemoveHistograms() || _isIgnoranceTold) return 0;
        _isIgnoranceTold = true;
        context.InformHistogramIgnored(
            expression.Aggregation, expression.Operand.WithoutParentheses().Position);
        return 0;
    }
}
