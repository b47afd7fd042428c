// Hot path: presence words of both sides.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The operators <c>and</c>, <c>unless</c> and <c>or</c>. Nothing is held but presence bits per match group: of the
/// right side for <c>and</c> and <c>unless</c>, of the left side for <c>or</c>.
/// </summary>
internal sealed class SetOperator(
    QueryContext context, BinaryExpression expression, SeriesOperator left, SeriesOperator right)
    : SeriesOperator(left.Grid)
{
    private readonly StepColumns<ulong> _seen = new(PresenceBits.WordCount(left.Grid.Count));
    private int[] _leftGroups = [];
    private int[] _rightGroups = [];
    private int _nextLeft;
    private int _nextRight;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var leftSeries = left.Open();
        var rightSeries = right.Open();
        var matching = expression.Matching!;
        var names = matching.IsOn
            ? new LabelNameSet(matching.Labels)
            : new LabelNameSet([.. matching.Labels, Labels.MetricName]);
        var groups = new LabelsIndex();
        _leftGroups = Groups(leftSeries);
        _rightGroups = Groups(rightSeries);
        context.HoldBytes((_leftGroups.Length + _rightGroups.Length) * 4L +
            groups.Sets.Count * (PresenceBits.WordCount(Grid.Count) * 8L + 96));
        context.HoldLabels(groups.Sets);
        if (expression.Operator == BinaryOperator.Or) return [.. leftSeries, .. rightSeries];
        var row = new SeriesRow(Grid.Count);
        for (; right.TryNext(row); _nextRight++) PresenceBits.Or(_seen.Row(_rightGroups[_nextRight]), row.Presence);
        return leftSeries;

        int[] Groups(IReadOnlyList<OutputSeries> series)
        {
            var numbers = new int[series.Count];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = groups.Intern(series[i].Labels, names, matching.IsOn);
            return numbers;
        }
    }

    public override bool TryNext(SeriesRow row)
    {
        if (left.TryNext(row))
        {
            var seen = _seen.Row(_leftGroups[_nextLeft++]);
            switch (expression.Operator)
            {
                case BinaryOperator.And: PresenceBits.And(row.Presence, seen); break;
                case BinaryOperator.Unless: PresenceBits.AndNot(row.Presence, seen); break;
                default: PresenceBits.Or(seen, row.Presence); break;
            }

            return true;
        }

        if (expression.Operator != BinaryOperator.Or || !right.TryNext(row)) return false;
        PresenceBits.AndNot(row.Presence, _seen.Row(_rightGroups[_nextRight++]));
        return true;
    }

    public override void Dispose()
    {
        left.Dispose();
        right.Dispose();
        base.Dispose();
    }
}
