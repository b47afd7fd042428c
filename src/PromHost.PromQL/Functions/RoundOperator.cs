// Hot path: every point of round.
namespace PromHost.PromQL;

/// <summary>Rounds floats to the nearest multiple of a scalar, halves upwards.</summary>
internal sealed class RoundOperator(QueryContext context, SeriesOperator input, ScalarOperator? toNearest)
    : SeriesOperator(input.Grid)
{
    // Multiplying with the inverse gives fewer surprises in the last digit than dividing.
    private readonly double[] _inverse = new double[input.Grid.Count];

    public override IReadOnlyList<OutputSeries> Open()
    {
        if (toNearest is null) Array.Fill(_inverse, 1);
        else toNearest.Evaluate(_inverse);
        foreach (ref var value in _inverse.AsSpan()) value = 1 / value;
        return DroppedNames.Of(context, input.Open());
    }

    public override bool TryNext(SeriesRow row)
    {
        if (!input.TryNext(row)) return false;
        row.RemoveHistograms();
        var values = row.Values;
        for (var i = 0; i < values.Length; i++)
            values[i] = Math.Floor(values[i] * _inverse[i] + 0.5) / _inverse[i];
        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        toNearest?.Dispose();
        base.Dispose();
    }
}
