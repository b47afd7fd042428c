namespace PromHost.PromQL.Tests;

public sealed class MapOperatorTests : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();

    [Fact]
    public void TryNext_EndsInsideARow_OfManyPoints()
    {
        var grid = new StepGrid(0, (1 << 20) - 1, 1);
        using var map = new MapOperator<FloatMaps.Sine>(
            QueryContexts.Make(cancellation: _cancel.Token), new EndingRow(grid, _cancel));
        map.Open();
        var row = new SeriesRow(grid.Count);

        FluentActions.Invoking(() => map.TryNext(row)).Should().Throw<OperationCanceledException>();
        row.Values[0].Should().Be(Math.Sin(1));
        row.Values[^1].Should().Be(1, "it was over before");
    }

    public void Dispose() => _cancel.Dispose();

    /// <summary>A row of ones; the query is over when it is there.</summary>
    private sealed class EndingRow(StepGrid grid, CancellationTokenSource cancel) : SeriesOperator(grid)
    {
        public override IReadOnlyList<OutputSeries> Open() => [default];

        public override bool TryNext(SeriesRow row)
        {
            row.Clear();
            row.FillPresence();
            row.Values.Fill(1);
            cancel.Cancel();
            return true;
        }
    }
}
