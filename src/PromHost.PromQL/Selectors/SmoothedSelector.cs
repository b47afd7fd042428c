// Hot path: looks samples up per series and step.
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// A <c>smoothed</c> instant selector: at every step the value on the line between the samples before and after it,
/// as far as the lookback reaches to either side; after the last sample its value.
/// </summary>
internal sealed class SmoothedSelector : SeriesScan
{
    private readonly SelectorTimes _times;
    private readonly long _lookbackMs;
    private readonly PositionRange _position;
    private readonly RangeGrid _windows;
    private readonly HistogramStatistics? _statistics;

    /// <summary>Creates the operator.</summary>
    public SmoothedSelector(QueryContext context, StepGrid grid, in Selection selection)
        : base(context, grid, selection.Selector, selection.Hints, selection.Counts)
    {
        _times = selection.Times;
        _lookbackMs = context.LookbackMs;
        _position = selection.Selector.Position;
        _windows = new RangeGrid(grid, _times, 0, _lookbackMs, _lookbackMs);
        _statistics = selection.StatisticsOver(_windows);
    }

    /// <inheritdoc/>
    protected override void Fill(SeriesSet set, in SeriesEntry entry, ScanBuffer buffer, SeriesRow row)
    {
        var columns = buffer.Read(set, entry, _windows.MinTimeMs, _windows.MaxTimeMs);
        if (columns.Histograms.IsEmpty)
        {
            buffer.WithoutMarkers(columns, out var times, out var values);
            FillFloats(times, values, row);
            return;
        }

        var kernel = buffer.KernelState as SmoothedKernel ?? new SmoothedKernel();
        buffer.KernelState = kernel;
        _statistics?.Reduce(columns);
        kernel.Samples.Load(columns);
        kernel.Evaluate(_windows, kernel.Samples, row, Context.CancellationToken);
    }

    /// <inheritdoc/>
    protected override void Inspect(int index, SeriesRow row) =>
        Context.Tell(row.Notes, Entries[index].Labels, _position, _position);

    private void FillFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, SeriesRow row)
    {
        var next = 0; // first sample from the step on
        for (var step = 0; step < row.StepCount; step++)
        {
            var timeMs = _times.At(Grid.TimeMs(step));
            while (next < times.Length && times[next] < timeMs) next++;
            if (next < times.Length && times[next] == timeMs)
            {
                row.Set(step, values[next]);
                continue;
            }

            if (next == 0 || times[next - 1] <= timeMs - _lookbackMs) continue;
            var hasNext = next < times.Length && times[next] <= timeMs + _lookbackMs;
            row.Set(step, hasNext
                ? Interpolation.Between(times, values, next - 1, timeMs, isCounter: false)
                : values[next - 1]);
        }
    }
}
