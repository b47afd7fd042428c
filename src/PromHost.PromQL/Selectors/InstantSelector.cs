// Hot path: looks samples up per series and step.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// An instant vector selector: at every step the newest sample of the lookback window, which is open at its old end,
/// unless that sample is a staleness marker. Or, for functions that ask for it, a time of that sample in seconds.
/// </summary>
internal sealed class InstantSelector : SeriesScan
{
    private readonly SelectorTimes _times;
    private readonly long _lookbackMs;
    private readonly SelectedField _field;
    private readonly HistogramStatistics? _statistics;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="selection">What to select and when.</param>
    /// <param name="field">What to hand out.</param>
    public InstantSelector(QueryContext context, StepGrid grid, in Selection selection, SelectedField field)
        : base(context, grid, selection.Selector, selection.Hints, selection.Counts)
    {
        _times = selection.Times;
        _lookbackMs = context.LookbackMs;
        _field = field;
        _statistics = field == SelectedField.Value
            ? selection.StatisticsOver(new RangeGrid(grid, _times, _lookbackMs))
            : null;
    }

    /// <inheritdoc/>
    protected override OutputSeries Describe(in SeriesEntry entry)
    {
        var series = new OutputSeries(entry.Labels);
        return _field is SelectedField.Time or SelectedField.Start
            ? MetadataLabels.DropName(Context, series)
            : series;
    }

    /// <inheritdoc/>
    protected override void Fill(SeriesSet set, in SeriesEntry entry, ScanBuffer buffer, SeriesRow row)
    {
        var firstMs = _times.At(Grid.StartMs);
        var count = Grid.Count;
        if (count == 1 || _times.IsFixed)
        {
            var (oldestMs, newestMs) = WindowAt(firstMs);
            if (oldestMs <= newestMs) FillSame(set, entry, oldestMs, newestMs, buffer, row);
            return;
        }

        var lastMs = _times.At(Grid.TimeMs(count - 1));
        var columns = buffer.Read(set, entry, firstMs - _lookbackMs + 1, lastMs);
        _statistics?.Reduce(columns);
        CountFound(FillSteps(entry, columns, row), buffer, row);
    }

    // Upstream's timestamp() of a selector with both @ and offset reads where the offset points and looks where only
    // the @ points: what remains is where the two windows overlap.
    private (long OldestMs, long NewestMs) WindowAt(long timeMs)
    {
        var lookAtMs = _field != SelectedField.Value && _times.IsFixed ? timeMs + _times.OffsetMs : timeMs;
        return (Math.Max(timeMs, lookAtMs) - _lookbackMs + 1, Math.Min(timeMs, lookAtMs));
    }

    private void FillSame(
        SeriesSet set, in SeriesEntry entry, long oldestMs, long newestMs, ScanBuffer buffer, SeriesRow row)
    {
        FloatSample sample = default;
        // The newest samples are kept without their starts.
        var answer = _field == SelectedField.Start
            ? LatestSample.Unknown
            : set.TryReadLatest(entry, oldestMs, newestMs, out sample);
        if (answer == LatestSample.None) return;
        if (answer == LatestSample.Unknown)
        {
            var columns = buffer.Read(set, entry, oldestMs, newestMs);
            _statistics?.Reduce(columns);
            var last = columns.Count - 1;
            if (last < 0) return;
            sample = new FloatSample(TimeOf(columns, last), columns.Values[last]);
            if (StaleMarker.Is(sample.Value)) return;
            if (!columns.Histograms.IsEmpty && columns.Histograms[last] is { } histogram && TakesHistogram(entry))
            {
                FillSame(histogram, buffer, row);
                return;
            }
        }

        else
        {
            buffer.CountDecoded();
        }

        if (StaleMarker.Is(sample.Value)) return;
        row.Values.Fill(_field == SelectedField.Value ? sample.Value : sample.TimestampMs / 1000.0);
        row.FillPresence();
        CountFound(row.StepCount, buffer, row);
    }

    // The time that is asked for, in milliseconds.
    private long TimeOf(SampleColumns columns, int index) => _field != SelectedField.Start
        ? columns.TimestampsMs[index]
        : columns.StartTimestampsMs.IsEmpty ? 0 : columns.StartTimestampsMs[index];

    // Else its time is taken like that of any other sample.
    private bool TakesHistogram(in SeriesEntry entry) => _field == SelectedField.InfoTime
        ? throw new QueryException(
            QueryErrorKind.Execution, $"this should be an info metric, with float samples: {entry.Labels}")
        : _field == SelectedField.Value;

    private void FillSame(NativeHistogram histogram, ScanBuffer buffer, SeriesRow row)
    {
        row.Set(0, histogram);
        for (var step = 1; step < row.StepCount; step++) row.Repeat(step, 0);
        CountFound((long)row.StepCount * SampleWeight.Of(histogram), buffer, row);
    }

    private void CountFound(long found, ScanBuffer buffer, SeriesRow row)
    {
        // What is read of info series depends on the series that ask for them.
        if (_field == SelectedField.InfoTime) return;
        buffer.Count(found, Counts.AreByStep ? Counts.AtSteps(row) : found);
    }

    private long FillSteps(in SeriesEntry entry, SampleColumns columns, SeriesRow row)
    {
        var times = columns.TimestampsMs;
        var values = columns.Values;
        if (!columns.Histograms.IsEmpty) return FillMixedSteps(entry, columns, row);
        var timeMs = _times.At(Grid.StartMs);
        var found = 0L;
        if (_field == SelectedField.Value &&
            RegularSteps.TryFill(Grid, timeMs, _lookbackMs, columns, row, out found))
        {
            return found;
        }

        var points = row.Values;
        var presence = row.Presence;
        var cursor = new TimeCursor(times);
        for (var step = 0; step < points.Length; step++, timeMs += Grid.StepMs)
        {
            var newest = cursor.MoveTo(timeMs) - 1;
            if (newest < 0 || times[newest] <= timeMs - _lookbackMs || StaleMarker.Is(values[newest])) continue;
            found++;
            points[step] = _field == SelectedField.Value ? values[newest] : TimeOf(columns, newest) / 1000.0;
            presence[step >> 6] |= 1UL << (step & 63);
        }

        return found;
    }

    private long FillMixedSteps(in SeriesEntry entry, SampleColumns columns, SeriesRow row)
    {
        var times = columns.TimestampsMs;
        var values = columns.Values;
        var histograms = columns.Histograms;
        var cursor = new TimeCursor(times);
        var found = 0L;
        var known = -1; // the sample that stands at the step before, if it is a histogram
        var timeMs = _times.At(Grid.StartMs);
        for (var step = 0; step < row.StepCount; step++, timeMs += Grid.StepMs)
        {
            var newest = cursor.MoveTo(timeMs) - 1;
            if (newest < 0 || times[newest] <= timeMs - _lookbackMs || StaleMarker.Is(values[newest])) continue;
            if (histograms[newest] is { } histogram && TakesHistogram(entry))
            {
                if (newest == known) row.Repeat(step, step - 1);
                else row.Set(step, histogram);
                known = newest;
                found += SampleWeight.Of(histogram);
                continue;
            }

            found++;
            row.Set(step, _field == SelectedField.Value ? values[newest] : TimeOf(columns, newest) / 1000.0);
        }

        return found;
    }
}
