using System.Diagnostics;

namespace PromHost.PromQL;

/// <summary>Measures another operator; stands before it only when a query is analyzed.</summary>
internal sealed class MeasuredSeries(SeriesOperator input, NodeMeasure measure) : SeriesOperator(input.Grid)
{
    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        var started = Stopwatch.GetTimestamp();
        var series = input.Open();
        measure.ElapsedTicks += Stopwatch.GetTimestamp() - started;
        measure.Series += series.Count;
        return series;
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        var started = Stopwatch.GetTimestamp();
        var hasRow = input.TryNext(row);
        measure.ElapsedTicks += Stopwatch.GetTimestamp() - started;
        if (hasRow) measure.Points += row.CountPresent();
        return hasRow;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
