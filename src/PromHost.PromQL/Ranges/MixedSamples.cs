// Hot path: filled per series that has histograms.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// The samples of one series that has histograms (or start timestamps that matter), without staleness markers: all in
/// the order of their times, and beside it each kind on its own. Owned by one thread, reused from series to series.
/// </summary>
internal sealed class MixedSamples
{
    private long[] _timestampsMs = [];
    private double[] _values = [];
    private NativeHistogram?[] _histograms = [];
    private long[] _startTimestampsMs = [];
    private int[] _histogramsBefore = new int[1]; // histograms before a sample, and one more for the end
    private long[] _weightBefore = new long[1]; // the same for what the samples count for

    /// <summary>The number of samples of both kinds.</summary>
    public int Count { get; private set; }

    /// <summary>Does any sample say when its counter started?</summary>
    public bool HasStartTimestamps { get; private set; }

    /// <summary>The floats.</summary>
    public SampleLane<double> Floats { get; } = new();

    /// <summary>The histograms.</summary>
    public SampleLane<NativeHistogram> Histograms { get; } = new();

    /// <summary>Times of all samples.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, Count);

    /// <summary>Values of all samples; mean nothing where there is a histogram.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Histograms of all samples, null for floats.</summary>
    public ReadOnlySpan<NativeHistogram?> HistogramsOrNull => _histograms.AsSpan(0, Count);

    /// <summary>When the counters of all samples started; 0 is unknown.</summary>
    public ReadOnlySpan<long> StartTimestampsMs => _startTimestampsMs.AsSpan(0, Count);

    /// <summary>How many of the samples before an index are histograms.</summary>
    public int HistogramsBefore(int index) => _histogramsBefore[index];

    /// <summary>What the samples before an index count for: a histogram counts for its size.</summary>
    public long WeightBefore(int index) => _weightBefore[index];

    /// <summary>Takes the samples of a series.</summary>
    /// <param name="columns">As the storage reads them.</param>
    public void Load(SampleColumns columns)
    {
        Clear();
        var times = columns.TimestampsMs;
        var values = columns.Values;
        var histograms = columns.Histograms;
        var starts = columns.StartTimestampsMs;
        HasStartTimestamps = !starts.IsEmpty;
        for (var i = 0; i < times.Length; i++)
        {
            // A marker among histograms is one whose sum, which is the value here, is the marker.
            if (StaleMarker.Is(values[i])) continue;
            Add(times[i], values[i], histograms.IsEmpty ? null : histograms[i], starts.IsEmpty ? 0 : starts[i]);
        }
    }

    /// <summary>Takes the points of a subquery.</summary>
    /// <param name="row">The points of a series.</param>
    /// <param name="grid">Their steps.</param>
    public void Load(SeriesRow row, StepGrid grid)
    {
        Clear();
        HasStartTimestamps = false;
        NativeHistogram? before = null, known = null;
        for (var step = 0; step < row.StepCount; step++)
        {
            if (!row.Has(step)) continue;
            var histogram = row.HistogramAt(step);
            if (StaleMarker.Is(histogram?.Sum ?? row.Values[step])) continue;
            if (histogram is not null)
            {
                // One point after the other often is the same sample.
                if (!ReferenceEquals(histogram, before)) known = WithoutKnowledge(histogram);
                before = histogram;
            }

            Add(grid.TimeMs(step), row.Values[step], histogram is null ? null : known, 0);
        }
    }

    // The points of a subquery leave samples out or repeat them: what is known of resets between samples does not hold
    // between them.
    private static NativeHistogram WithoutKnowledge(NativeHistogram histogram) =>
        histogram.CounterResetHint is CounterResetHint.CounterReset or CounterResetHint.NotCounterReset
            ? histogram.WithHint(CounterResetHint.Unknown)
            : histogram;

    private void Clear()
    {
        _histograms.AsSpan(0, Count).Clear();
        Count = 0;
        Floats.Clear();
        Histograms.Clear();
    }

    private void Add(long timestampMs, double value, NativeHistogram? histogram, long startTimestampMs)
    {
        if (Count == _values.Length) Grow();
        var index = Count++;
        _timestampsMs[index] = timestampMs;
        _startTimestampsMs[index] = startTimestampMs;
        _values[index] = value;
        _histograms[index] = histogram;
        _histogramsBefore[Count] = _histogramsBefore[index] + (histogram is null ? 0 : 1);
        _weightBefore[Count] = _weightBefore[index] + (histogram is null ? 1 : SampleWeight.Of(histogram));
        if (histogram is null) Floats.Add(timestampMs, value, startTimestampMs);
        else Histograms.Add(timestampMs, histogram, startTimestampMs);
    }

    private void Grow()
    {
        var size = Math.Max(256, Count * 2);
        Array.Resize(ref _timestampsMs, size);
        Array.Resize(ref _startTimestampsMs, size);
        Array.Resize(ref _values, size);
        Array.Resize(ref _histograms, size);
        Array.Resize(ref _histogramsBefore, size + 1);
        Array.Resize(ref _weightBefore, size + 1);
    }
}
