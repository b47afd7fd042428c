// Hot path: rows against a scalar.
namespace PromHost.PromQL;

/// <summary>An operation between a vector and a scalar, whichever side the scalar is on. Holds nothing.</summary>
internal sealed class VectorScalarOperator(
    QueryContext context,
    BinaryExpression expression,
    SeriesOperator vector,
    ScalarOperator scalar,
    bool isScalarLeft,
    BinaryKernel kernel)
    : SeriesOperator(vector.Grid)
{
    private readonly HistogramPairs _histogramPairs = new(
        context, expression, expression.ReturnsBool, vector.Grid.Count);

    private readonly double[] _scalar = new double[vector.Grid.Count];
    private int _remaining;

    public override IReadOnlyList<OutputSeries> Open()
    {
        scalar.Evaluate(_scalar);
        var series = vector.Open();
        _remaining = series.Count;
        return kernel.WritesValues ? DroppedNames.Of(context, series) : series;
    }

    // A comparison keeps the vector's value even where the scalar stands on the left.
    public override bool TryNext(SeriesRow row)
    {
        if (!vector.TryNext(row)) return false;
        var points = new PairSide(row.Values, row.Histograms);
        var scalars = new PairSide(_scalar, default);
        if (isScalarLeft) _histogramPairs.Resolve(scalars, points, row.Presence);
        else _histogramPairs.Resolve(points, scalars, row.Presence);
        _histogramPairs.TakeOut(row.Presence);
        if (isScalarLeft) kernel.Apply(_scalar, row.Values, row.Values, row.Presence);
        else kernel.Apply(row.Values, _scalar, row.Values, row.Presence);
        _histogramPairs.Write(row);
        if (--_remaining == 0) _histogramPairs.Report();
        return true;
    }

    public override void Dispose()
    {
        vector.Dispose();
        scalar.Dispose();
        base.Dispose();
    }
}
