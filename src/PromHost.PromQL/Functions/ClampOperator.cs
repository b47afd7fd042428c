// Hot path: every point of clamp, clamp_min and clamp_max.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>Brings floats between two scalars. Where the lower is above the upper there is no result.</summary>
internal sealed class ClampOperator(
    QueryContext context, SeriesOperator input, ScalarOperator? lower, ScalarOperator? upper)
    : SeriesOperator(input.Grid)
{
    private readonly double[] _lower = new double[input.Grid.Count];
    private readonly double[] _upper = new double[input.Grid.Count];

    public override IReadOnlyList<OutputSeries> Open()
    {
        if (lower is null) Array.Fill(_lower, double.NegativeInfinity);
        else lower.Evaluate(_lower);
        if (upper is null) Array.Fill(_upper, double.PositiveInfinity);
        else upper.Evaluate(_upper);
        return DroppedNames.Of(context, input.Open());
    }

    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(row)) return false;
        row.RemoveHistograms();
        var values = row.Values;
        for (var word = 0; word < row.Presence.Length; word++)
        {
            for (var bits = row.Presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                if (_upper[step] < _lower[step]) row.Unset(step);
                else values[step] = GoMath.Max(_lower[step], GoMath.Min(_upper[step], values[step]));
            }
        }

        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        lower?.Dispose();
        upper?.Dispose();
        base.Dispose();
    }
}
