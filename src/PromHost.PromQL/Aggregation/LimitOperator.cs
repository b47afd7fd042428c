// Hot path: counts every point.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>The aggregation <c>limitk</c>: the first k points of each group at each step, as they stream by.</summary>
internal sealed class LimitOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, ScalarOperator parameter)
    : SeriesOperator(input.Grid)
{
    private readonly StepColumns<int> _taken = new(input.Grid.Count);
    private SeriesGroups? _groups;
    private long[] _limits = [];
    private int _next;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var limits = SelectionLimits.Evaluate(parameter, Grid);
        var series = input.Open();
        if (limits is null)
        {
            SelectionLimits.Drain(input);
            return [];
        }

        _limits = limits;
        _groups = SeriesGroups.For(context, series, expression);
        context.HoldBytes(series.Count * 4L + _groups.GroupLabels.Count * 4L * Grid.Count);
        return series;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_groups is null || !input.TryNext(row)) return false;
        context.CheckEnded();
        var taken = _taken.Row(_groups.GroupOf[_next++]);
        for (var word = 0; word < row.Presence.Length; word++)
        {
            for (var bits = row.Presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (taken[step] < _limits[step]) taken[step]++;
                else row.Unset(step);
            }
        }

        return true;
    }

    public override void Dispose()
    {
        parameter.Dispose();
        input.Dispose();
        base.Dispose();
    }
}
