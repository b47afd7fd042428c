// Hot path: sorts the values of every group at every step.
namespace PromHost.PromQL;

/// <summary>The aggregation <c>quantile</c>: holds its input, since every value takes part.</summary>
internal sealed class QuantileOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, ScalarOperator parameter)
    : SeriesOperator(input.Grid)
{
    private readonly HeldRows _rows = new(context, input.Grid.Count);
    private double[] _quantiles = [];
    private int[][] _members = [];
    private double[] _sample = [];
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
        var groups = SeriesGroups.For(series, expression);
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
        _sample = new double[_members.Length == 0 ? 0 : _members.Max(static m => m.Length)];
        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_next == _members.Length) return false;
        row.Clear();
        var members = _members[_next++];
        for (var step = 0; step < Grid.Count; step++)
        {
            var count = 0;
            foreach (var member in members)
            {
                if (PresenceBits.Has(_rows.Presence(member), step)) _sample[count++] = _rows.Values(member)[step];
            }

            if (count > 0) row.Set(step, Quantile(_quantiles[step], _sample.AsSpan(0, count)));
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

    /// <summary>
    /// The quantile of values, interpolated linearly between neighbours; NaN counts as smaller than everything. Sorts
    /// the values.
    /// </summary>
    internal static double Quantile(double quantile, Span<double> values)
    {
        if (values.IsEmpty || double.IsNaN(quantile)) return double.NaN;
        if (quantile < 0) return double.NegativeInfinity;
        if (quantile > 1) return double.PositiveInfinity;
        values.Sort();
        var rank = quantile * (values.Length - 1);
        var whole = Math.Floor(rank);
        var lower = (int)Math.Max(0, whole);
        var upper = Math.Min(values.Length - 1, lower + 1);
        var weight = rank - whole;
        return values[lower] * (1 - weight) + values[upper] * weight;
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
