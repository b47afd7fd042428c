// Hot path: decides on every point.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The aggregation <c>limit_ratio</c>: keeps the series whose labels' hash, as a share of the largest hash, is below
/// the ratio, or for a negative ratio the others. It needs no groups.
/// </summary>
internal sealed class LimitRatioOperator(
    QueryContext context, AggregateExpression expression, SeriesOperator input, ScalarOperator parameter)
    : SeriesOperator(input.Grid)
{
    private double[] _ratios = [];
    private IReadOnlyList<OutputSeries> _series = [];
    private bool _isEmpty;
    private int _next;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var ratios = ParameterValues.Evaluate(parameter, Grid);
        _series = input.Open();
        if (ratios.Largest == 0 && ratios.Smallest == 0)
        {
            SelectionLimits.Drain(input);
            _isEmpty = true;
            return [];
        }

        if (ratios.HasNaN) throw new QueryException(QueryErrorKind.Execution, "Ratio value is NaN");
        var position = expression.Parameter!.WithoutParentheses().Position;
        if (ratios.Largest > 1) context.WarnInvalidRatio(ratios.Largest, 1, position, expression.Position);
        if (ratios.Smallest < -1) context.WarnInvalidRatio(ratios.Smallest, -1, position, expression.Position);
        _ratios = Array.ConvertAll(ratios.Values, static r => Math.Clamp(r, -1, 1));
        return _series;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_isEmpty || !input.TryNext(row)) return false;
        var share = Share(_series[_next++].Labels);
        for (var word = 0; word < row.Presence.Length; word++)
        {
            for (var bits = row.Presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (!IsKept(_ratios[step], share)) row.Unset(step);
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

    /// <summary>The hash of labels as a share of the largest hash, 0 to 1.</summary>
    internal static double Share(Labels labels) => labels.StableHash() / (double)ulong.MaxValue;

    private static bool IsKept(double ratio, double share) =>
        ratio > 0 ? share < ratio : ratio < 0 && share >= 1 + ratio;
}
