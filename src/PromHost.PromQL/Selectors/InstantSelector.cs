// Hot path: looks samples up per series and step.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// An instant vector selector: at every step the newest sample of the lookback window, which is open at its old end,
/// unless that sample is a staleness marker. Or, for <c>timestamp(selector)</c>, that sample's time in seconds.
/// </summary>
internal sealed class InstantSelector : SeriesScan
{
    private readonly SelectorTimes _times;
    private readonly long _lookbackMs;
    private readonly bool _asTimestamp;
    private readonly bool _keepsName;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="selection">What to select and when.</param>
    /// <param name="asTimestamp">Hand out the times of the samples, in seconds, instead of their values.</param>
    /// <param name="keepsName">Keep the metric's name even with times.</param>
    public InstantSelector(
        QueryContext context, StepGrid grid, in Selection selection, bool asTimestamp, bool keepsName = false)
        : base(context, grid, selection.Selector, selection.Hints, selection.Counts)
    {
        _times = selection.Times;
        _lookbackMs = context.LookbackMs;
        _asTimestamp = asTimestamp;
        _keepsName = keepsName;
    }

    /// <inheritdoc/>
    protected override OutputSeries Describe(in SeriesEntry entry)
    {
        var series = new OutputSeries(entry.Labels);
        return _asTimestamp && !_keepsName ? MetadataLabels.DropName(Context, series) : series;
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
        var found = FillSteps(columns.TimestampsMs, columns.Values, columns.Histograms, row);
        buffer.Count(found, found);
    }

    // Upstream's timestamp() of a selector with both @ and offset reads where the offset points and looks where only
    // the @ points: what remains is where the two windows overlap.
    private (long OldestMs, long NewestMs) WindowAt(long timeMs)
    {
        var lookAtMs = _asTimestamp && _times.IsFixed ? timeMs + _times.OffsetMs : timeMs;
        return (Math.Max(timeMs, lookAtMs) - _lookbackMs + 1, Math.Min(timeMs, lookAtMs));
    }

    private void FillSame(
        SeriesSet set, in SeriesEntry entry, long oldestMs, long newestMs, ScanBuffer buffer, SeriesRow row)
    {
        var answer = set.TryReadLatest(entry, oldestMs, newestMs, out var sample);
        if (answer == LatestSample.Unknown)
        {
            var columns = buffer.Read(set, entry, oldestMs, newestMs);
            var last = columns.Count - 1;
            if (last < 0) return;
            sample = new FloatSample(columns.TimestampsMs[last], columns.Values[last]);
            if (!_asTimestamp && !columns.Histograms.IsEmpty && columns.Histograms[last] is { } histogram)
            {
                FillSame(histogram, buffer, row);
                return;
            }
        }
        else if (answer == LatestSample.None)
        {
            return;
        }

        if (StaleMarker.Is(sample.Value)) return;
        row.Values.Fill(_asTimestamp ? sample.TimestampMs / 1000.0 : sample.Value);
        row.FillPresence();
        buffer.Count(row.StepCount, row.StepCount);
    }

    private static void FillSame(NativeHistogram histogram, ScanBuffer buffer, SeriesRow row)
    {
        // A marker among histograms is one without buckets whose sum is the marker.
        if (StaleMarker.Is(histogram.Sum)) return;
        for (var step = 0; step < row.StepCount; step++) row.Set(step, histogram);
        var weight = (long)row.StepCount * SampleWeight.Of(histogram);
        buffer.Count(weight, weight);
    }

    private long FillSteps(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<NativeHistogram?> histograms, SeriesRow row)
    {
        var points = row.Values;
        var presence = row.Presence;
        var newest = -1; // newest sample up to the step
        var found = 0L;
        var timeMs = _times.At(Grid.StartMs);
        for (var step = 0; step < points.Length; step++, timeMs += Grid.StepMs)
        {
            while (newest + 1 < times.Length && times[newest + 1] <= timeMs) newest++;
            if (newest < 0 || times[newest] <= timeMs - _lookbackMs || StaleMarker.Is(values[newest])) continue;
            if (!_asTimestamp && !histograms.IsEmpty && histograms[newest] is { } histogram)
            {
                row.Set(step, histogram);
                found += SampleWeight.Of(histogram);
                continue;
            }

            found++;
            points[step] = _asTimestamp ? times[newest] / 1000.0 : values[newest];
            presence[step >> 6] |= 1UL << (step & 63);
        }

        return found;
    }
}
