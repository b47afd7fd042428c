namespace PromHost.PromQL;

/// <summary>A vector without series.</summary>
internal sealed class NoSeries(StepGrid grid) : SeriesOperator(grid)
{
    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open() => [];

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row) => false;
}
