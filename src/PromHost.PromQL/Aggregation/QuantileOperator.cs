// Hot path: sorts the values of every group at every step.
namespace PromHost.PromQL;

/// <summary>The aggregation <c>quantile</c>: holds its input, since every value takes part.</summary>
internal sealed class QuantileOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, ScalarOperator parameter)
    : SeriesOperator(input.Grid)
{
    // Steps are gathered in blocks of a cache line of values.
    private const int BlockSteps = 8;

    private readonly int[] _sampleCounts = new int[BlockSteps];
    private readonly HeldRows _rows = new(context, input.Grid.Count);
    private double[] _quantiles = [];
    private int[][] _members = [];
    private double[] _sample = [];
    private int _longest;
    private int _next;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var quantiles = ParameterValues.Evaluate(parameter, Grid);
        _quantiles = quantiles.Values;
        var position = expression.Parameter!.WithoutParentheses().Position;
        var series = input.Open();
        if (quantiles.HasNaN) context.WarnInvalidQuantile(double.NaN, position, expression.Position);
        if (quantiles.Largest > 1) context.WarnInvalidQuantile(quantiles.Largest, position, expression.Position);
        if (quantiles.Smallest < 0) context.WarnInvalidQuantile(quantiles.Smallest, position, expression.Position);
        var groups = SeriesGroups.For(context, series, expression);
        var outputs = new OutputSeries[groups.GroupLabels.Count];
        for (var i = 0; i < outputs.Length; i++) outputs[i] = new OutputSeries(groups.GroupLabels[i]);
        var row = new SeriesRow(Grid.Count);
        for (var i = 0; input.TryNext(row); i++)
        {
            if (row.RemoveHistograms())
            {
                context.InformHistogramIgnored(
                    expression.Aggregation, expression.Operand.WithoutParentheses().Position);
            }

            _rows.Keep(i, row);
            var group = groups.GroupOf[i];
            if (series[i].DropName) outputs[group] = outputs[group] with { DropName = true };
        }

        _members = Members(groups.GroupOf, outputs.Length);
        _longest = _members.Length == 0 ? 0 : _members.Max(static m => m.Length);
        _sample = new double[_longest * Math.Min(BlockSteps, Grid.Count)];
        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_next == _members.Length) return false;
        row.Clear();
        var members = _members[_next++];
        for (var start = 0; start < Grid.Count; start += BlockSteps)
        {
            var steps = Math.Min(BlockSteps, Grid.Count - start);
            context.CheckEnded();
            Gather(members, start, steps);
            for (var i = 0; i < steps; i++)
            {
                var values = _sample.AsSpan(i * _longest, _sampleCounts[i]);
                if (!values.IsEmpty)
                    row.Set(start + i, OrderStatistics.Quantile(_quantiles[start + i], values));
            }
        }

        return true;
    }

    public override void Dispose()
    {
        _rows.Dispose();
        parameter.Dispose();
        input.Dispose();
        base.Dispose();
    }

    private void Gather(int[] members, int start, int steps)
    {
        _sampleCounts.AsSpan().Clear();
        foreach (var member in members)
        {
            var values = _rows.Values(member).Slice(start, steps);
            var presence = _rows.Presence(member);
            for (var i = 0; i < values.Length; i++)
            {
                if (PresenceBits.Has(presence, start + i)) _sample[i * _longest + _sampleCounts[i]++] = values[i];
            }
        }
    }

    private static int[][] Members(int[] groupOf, int groupCount)
    {
        var sizes = new int[groupCount];
        foreach (var group in groupOf) sizes[group]++;
        var members = Array.ConvertAll(sizes, static size => new int[size]);
        Array.Clear(sizes);
        for (var i = 0; i < groupOf.Length; i++) members[groupOf[i]][sizes[groupOf[i]]++] = i;
        return members;
    }
}
