using System.Buffers;
using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class WindowCancellationTests : IDisposable
{
    private const int LongWindow = 1 << 18;

    private readonly CancellationTokenSource _cancel = new();

    [Theory]
    [InlineData(null)]
    [InlineData(LongWindow * 1000L)]
    public void Evaluate_EndsBetweenLongWindows(long? fixedAtMs)
    {
        var grid = new StepGrid(LongWindow * 1000L, (LongWindow * 1000L) + 50_000, 1000);
        var windows = new RangeGrid(grid, new SelectorTimes(0, fixedAtMs), RangeMs: LongWindow * 2000L);
        long[] times = [.. Enumerable.Range(1, LongWindow).Select(static i => i * 1000L)];
        var kernel = new CancellingKernel(_cancel, atWindow: 3);

        var evaluate = () => windows.Evaluate(
            ref kernel, times, new double[LongWindow], new SeriesRow(grid.Count), _cancel.Token);

        evaluate.Should().Throw<OperationCanceledException>();
        kernel.Windows.Should().Be(3);
    }

    [Theory]
    [InlineData("sum_over_time")]
    [InlineData("avg_over_time")]
    [InlineData("rate")]
    [InlineData("changes")]
    [InlineData("resets")]
    public async Task Evaluate_EndsInsideAWindow_OfManyHistograms(string function)
    {
        var watched = new WatchedCounts(_cancel, atRead: 1000);
        var source = new InMemoryQuerySource().Add(
            Labels.FromPairs(("__name__", "m")),
            [.. Enumerable.Range(0, 2000).Select(i => ((long)i, 0L, watched.Histogram))]);
        using var engine = new QueryEngine(
            new QueryLimits { Workers = 1 }, new QueryFeatures(), TimeProvider.System);

        var run = () => engine.ExecuteInstantAsync(source, $"{function}(m[1m])", 2000, null, _cancel.Token);

        (await run.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(QueryErrorKind.Canceled);
        watched.Reads.Should().BeInRange(1000, 2000);
    }

    [Fact]
    public void TryCompute_EndsInsideTheSortingOfAWindow()
    {
        _cancel.Cancel();

        FluentActions.Invoking(() => Compute(new QuantileOverTimeKernel([0.5])))
            .Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => Compute(new MadOverTimeKernel())).Should().Throw<OperationCanceledException>();
    }

    public void Dispose() => _cancel.Dispose();

    private void Compute<TKernel>(TKernel kernel)
        where TKernel : struct, IRangeKernel
    {
        var values = new double[KeySort.RunLength + 1];
        kernel.Begin(new RangeWindow { Values = values, Cancellation = _cancel.Token });
        kernel.TryCompute(new RangeWindow { Values = values, End = values.Length }, out _);
    }

    private struct CancellingKernel(CancellationTokenSource cancel, int atWindow) : IRangeKernel
    {
        public int Windows { get; private set; }

        public readonly void Begin(in RangeWindow window) => window.Cancellation.Should().Be(cancel.Token);

        public bool TryCompute(in RangeWindow window, out double value)
        {
            if (++Windows == atWindow) cancel.Cancel();
            value = Windows;
            return true;
        }
    }

    /// <summary>The counts of a histogram; the query is cancelled when they have been read so often.</summary>
    private sealed class WatchedCounts(CancellationTokenSource cancel, int atRead) : MemoryManager<double>
    {
        private readonly double[] _counts = [1, 2];

        public int Reads { get; private set; }

        public NativeHistogram Histogram => new()
        {
            Schema = 0,
            Count = 3,
            Sum = 1,
            PositiveSpans = new HistogramSpan[] { new(0, 2) },
            PositiveCounts = CreateMemory(_counts.Length),
        };

        public override Span<double> GetSpan()
        {
            if (++Reads == atRead) cancel.Cancel();
            return _counts;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
