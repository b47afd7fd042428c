namespace PromHost.PromQL;

/// <summary>
/// The function <c>start_timestamp</c> of anything but a selector, or while start timestamps are not in use: reads its
/// input for the errors and annotations on the way, emits nothing.
/// </summary>
internal sealed class NothingOperator(SeriesOperator input) : SeriesOperator(input.Grid)
{
    public override IReadOnlyList<OutputSeries> Open()
    {
        input.Open();
        SelectionLimits.Drain(input);
        return [];
    }

    public override bool TryNext(SeriesRow row) => false;

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }
}
