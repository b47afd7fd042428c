// Hot path: one call per window of a series that has histograms.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The change from the first to the last histogram of each window, counter resets added up. Resets are found once per
/// series, and so is whether its histograms are all alike, which makes a look at each window needless.
/// </summary>
internal sealed class HistogramChange<TShape>
    where TShape : struct, IRateShape
{
    private MixedSamples _samples = null!; // set by Begin
    private CancellationToken _cancellation;
    private int[] _resets = new int[16]; // indexes of histograms before which the counter was reset, ascending
    private int _resetCount;
    private int _firstReset; // first one after the window's first histogram
    private int _known; // resets up to this histogram are found
    private bool _areAlike; // one schema, no gauge

    /// <summary>The change of the last window.</summary>
    public HistogramAccumulator Result { get; } = new(new HistogramWorkspace());

    /// <summary>Gets ready for another series.</summary>
    /// <param name="samples">Its samples.</param>
    /// <param name="cancellation">Ends the search for resets in a long window.</param>
    public void Begin(MixedSamples samples, CancellationToken cancellation)
    {
        _samples = samples;
        _cancellation = cancellation;
        _resetCount = 0;
        _firstReset = 0;
        _known = 0;
        _areAlike = AreAlike(samples.Histograms.Samples);
    }

    /// <summary>Computes the change over a window of at least two histograms; a gauge, and compact.</summary>
    /// <param name="first">The window's first histogram.</param>
    /// <param name="end">The one after its last.</param>
    /// <param name="row">For the notes.</param>
    /// <returns>False when the window has no result.</returns>
    public bool TryCompute(int first, int end, SeriesRow row)
    {
        var histograms = _samples.Histograms.Samples;
        var oldest = histograms[first];
        var newest = histograms[end - 1];
        var notes = RangeNotes.None;
        if (TShape.IsCounter)
        {
            FindResets(first, end);
            if (IsGauge(oldest) || IsGauge(newest)) notes = RangeNotes.NotCounter;
            // What was before a reset does not matter, not even its layout.
            if (IsResetBefore(first + 1)) oldest = EmptyLike(histograms[first + 1]);
        }
        else if (!IsGauge(oldest) || !IsGauge(newest))
        {
            notes = RangeNotes.NotGauge;
        }

        if (HasCustomBuckets(newest) != HasCustomBuckets(oldest))
        {
            row.Notes |= RangeNotes.MixedBuckets | (notes & RangeNotes.NotCounter);
            return false;
        }

        var schema = Math.Min(newest.Schema, oldest.Schema);
        if (TShape.IsCounter && !_areAlike && !TryLookInside(histograms[(first + 1)..(end - 1)], ref schema, ref notes))
        {
            row.Notes |= RangeNotes.MixedBuckets;
            return false;
        }

        row.Notes |= notes;
        Result.Load(newest);
        Result.LowerSchema(schema);
        Note(Result.Subtract(oldest), RangeNotes.BoundsOfSubtraction, row);
        if (TShape.IsCounter) AddResets(first, end, oldest, row);
        Result.CounterResetHint = CounterResetHint.Gauge;
        Result.Compact();
        return true;
    }

    /// <summary>Adds the window's first histogram, since the counter was zero inside of the range.</summary>
    /// <param name="first">The window's first histogram.</param>
    /// <param name="hasChange">Is there a change already? Else the histogram takes its place.</param>
    /// <param name="row">For the notes.</param>
    /// <returns>False when the window has no result.</returns>
    public bool TryAddFirst(int first, bool hasChange, SeriesRow row)
    {
        var histogram = _samples.Histograms.Samples[first];
        if (!hasChange)
        {
            Result.Load(histogram);
            return true;
        }

        var conflicts = Result.Add(histogram);
        if ((conflicts & HistogramConflicts.Schemas) != HistogramConflicts.None)
        {
            row.Notes |= RangeNotes.MixedBuckets;
            return false;
        }

        Note(conflicts, RangeNotes.BoundsOfAddition, row);
        return true;
    }

    private static bool IsGauge(NativeHistogram histogram) => histogram.CounterResetHint == CounterResetHint.Gauge;

    private static bool HasCustomBuckets(NativeHistogram histogram) =>
        histogram.Schema == NativeHistogram.CustomBucketsSchema;

    private static NativeHistogram EmptyLike(NativeHistogram histogram) => new()
    {
        Schema = histogram.Schema,
        Count = 0,
        Sum = 0,
        CustomBounds = histogram.CustomBounds,
    };

    // Contradicting hints are no matter here: resets are looked for.
    private static void Note(HistogramConflicts conflicts, RangeNotes note, SeriesRow row)
    {
        if ((conflicts & HistogramConflicts.CustomBounds) != HistogramConflicts.None) row.Notes |= note;
    }

    private static bool AreAlike(ReadOnlySpan<NativeHistogram> histograms)
    {
        foreach (var histogram in histograms)
        {
            if (histogram.Schema != histograms[0].Schema || IsGauge(histogram)) return false;
        }

        return true;
    }

    // False when there are exponential and custom buckets.
    private static bool TryLookInside(ReadOnlySpan<NativeHistogram> inside, ref int schema, ref RangeNotes notes)
    {
        var hasCustomBuckets = schema == NativeHistogram.CustomBucketsSchema;
        foreach (var histogram in inside)
        {
            if (HasCustomBuckets(histogram) != hasCustomBuckets) return false;
            if (IsGauge(histogram)) notes |= RangeNotes.NotCounter;
            schema = Math.Min(schema, histogram.Schema);
        }

        return true;
    }

    private void AddResets(int first, int end, NativeHistogram oldest, SeriesRow row)
    {
        var lane = _samples.Histograms;
        if (_samples.HasStartTimestamps &&
            CounterStart.AnyOverlaps(lane.TimestampsMs[first..end], lane.StartTimestampsMs[first..end]))
            row.StartOverlaps++;
        for (var i = _firstReset; i < _resetCount && _resets[i] < end; i++)
        {
            var reset = _resets[i];
            // The first one may be gone once more, compared with the nothing that has taken the place before it.
            if (reset == first + 1 && !IsStartReset(reset) &&
                !CounterResetDetection.IsReset(lane.Samples[reset], oldest))
                continue;
            var before = reset == first + 1 ? oldest : lane.Samples[reset - 1];
            Note(Result.Add(before), RangeNotes.BoundsOfAddition, row);
        }
    }

    private bool IsResetBefore(int index) => _firstReset < _resetCount && _resets[_firstReset] == index;

    private bool IsStartReset(int index)
    {
        if (!_samples.HasStartTimestamps) return false;
        var times = _samples.Histograms.TimestampsMs;
        var starts = _samples.Histograms.StartTimestampsMs;
        return CounterStart.IsReset(starts[index - 1], times[index - 1], starts[index], times[index]);
    }

    private void FindResets(int first, int end)
    {
        var histograms = _samples.Histograms.Samples;
        for (var i = Math.Max(_known, first) + 1; i < end; i++)
        {
            if ((i & 255) == 0) _cancellation.ThrowIfCancellationRequested();
            if (!IsStartReset(i) && !CounterResetDetection.IsReset(histograms[i], histograms[i - 1])) continue;
            if (_resetCount == _resets.Length) Array.Resize(ref _resets, _resetCount * 2);
            _resets[_resetCount++] = i;
        }

        _known = Math.Max(_known, end - 1);
        while (_firstReset < _resetCount && _resets[_firstReset] <= first) _firstReset++;
    }
}
