// Hot path: rows against a scalar.
namespace PromHost.PromQL;

/// <summary>An operation between a vector and a scalar, whichever side the scalar is on. Holds nothing.</summary>
internal sealed class VectorScalarOperator(
    QueryContext context, SeriesOperator vector, ScalarOperator scalar, bool isScalarLeft, BinaryKernel kernel)
    : SeriesOperator(vector.Grid)
{
    private readonly double[] _scalar = new double[vector.Grid.Count];

    public override IReadOnlyList<OutputSeries> Open()
    {
        scalar.Evaluate(_scalar);
        var series = vector.Open();
        return kernel.WritesValues ? DroppedNames.Of(context, series) : series;
    }

    // A comparison keeps the vector's value even where the scalar stands on the left.
    public override bool TryNext(SeriesRow row)
    {
        if (!vector.TryNext(row)) return false;
        row.RemoveHistograms();
        if (isScalarLeft) kernel.Apply(_scalar, row.Values, row.Values, row.Presence);
        else kernel.Apply(row.Values, _scalar, row.Values, row.Presence);
        return true;
    }

    public override void Dispose()
    {
        vector.Dispose();
        scalar.Dispose();
        base.Dispose();
    }
}
