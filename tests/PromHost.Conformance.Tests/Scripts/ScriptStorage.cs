using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>What a script has loaded: series in memory, in the order in which they were first seen.</summary>
internal sealed class ScriptStorage : IQuerySource
{
    private readonly Dictionary<Labels, StoredSeries> _byLabels = [];
    private readonly List<StoredSeries> _series = [];

    /// <summary>The series in the order in which they were first loaded.</summary>
    public IReadOnlyList<StoredSeries> Series => _series;

    /// <summary>Changes whenever the contents do.</summary>
    public int Version { get; private set; }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        Version++;
        _byLabels.Clear();
        _series.Clear();
    }

    /// <summary>Appends the samples of a load.</summary>
    /// <exception cref="ScriptException">A sample is not after the newest of its series.</exception>
    public void Load(LoadCommand load)
    {
        Version++;
        var classic = new ClassicHistograms();
        foreach (var series in load.Series)
        {
            for (var i = 0; i < series.Values.Count; i++)
            {
                var value = series.Values[i];
                if (value.IsOmitted) continue;
                var timestampMs = i * load.StepMs;
                var startMs = series.StartOffsetsMs.Count > 0 && series.StartOffsetsMs[i] is { } offsetMs
                    ? timestampMs + offsetMs
                    : 0;
                var buckets = value.Histogram is null ? null : HistogramBuckets.Of(value);
                Add(series.Labels, timestampMs, startMs, value.Value, buckets);
                if (buckets is null) classic.Add(series.Labels, timestampMs, value.Value);
            }
        }

        if (!load.WithCustomBuckets) return;
        foreach (var (labels, timestampMs, histogram) in classic.Build())
            Add(labels, timestampMs, startMs: 0, value: 0, histogram);
    }

    /// <summary>Appends floats to a series.</summary>
    public void Add(Labels labels, IEnumerable<FloatSample> samples)
    {
        Version++;
        foreach (var sample in samples)
            Add(labels, sample.TimestampMs, sample.StartTimestampMs, sample.Value, buckets: null);
    }

    /// <summary>The series that match all matchers, in the order in which they were loaded.</summary>
    public IEnumerable<StoredSeries> Find(IReadOnlyList<LabelMatcher> matchers) =>
        _series.Where(s => matchers.All(m => m.Matches(s.Labels.Get(m.NameUtf8.Span))));

    public IQuerier OpenQuerier(long minTimeMs, long maxTimeMs) => new Querier(this, minTimeMs, maxTimeMs);

    private void Add(Labels labels, long timestampMs, long startMs, double value, HistogramBuckets? buckets)
    {
        if (!_byLabels.TryGetValue(labels, out var series))
        {
            _byLabels[labels] = series = new StoredSeries(labels);
            _series.Add(series);
        }

        if (series.Samples.Count > 0 && series.Samples[^1].TimestampMs >= timestampMs)
            throw new ScriptException(ScriptFailure.LoadFailed, $"sample of {labels} at {timestampMs} is out of order");
        series.Samples.Add(new StoredSample(timestampMs, startMs, value, series.WithHint(buckets)));
    }

    private sealed class Querier(ScriptStorage storage, long minTimeMs, long maxTimeMs) : IQuerier
    {
        public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers)
        {
            var found = InView(matchers);
            return new Set(
                hints.SortedByLabels ? [.. found.OrderBy(static s => s.Labels)] : [.. found], minTimeMs, maxTimeMs)
            {
                HasLabels = !hints.WithoutLabels,
            };
        }

        public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            Limit(InView(matchers).Select(s => s.Labels.GetString(name)).OfType<string>(), limit);

        public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0)
        {
            var names = new List<string>();
            foreach (var series in InView(matchers))
            {
                foreach (var label in series.Labels) names.Add(Encoding.UTF8.GetString(label.Name));
            }

            return Limit(names, limit);
        }

        public void Dispose()
        {
        }

        private IEnumerable<StoredSeries> InView(IReadOnlyList<LabelMatcher> matchers) =>
            storage.Find(matchers).Where(
                s => s.Samples.Exists(x => x.TimestampMs >= minTimeMs && x.TimestampMs <= maxTimeMs));

        private static List<string> Limit(IEnumerable<string> texts, int limit)
        {
            var sorted = texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return [.. limit > 0 ? sorted.Take(limit) : sorted];
        }
    }

    private sealed class Set(StoredSeries[] series, long viewMinMs, long viewMaxMs) : SeriesSet
    {
        private int _next;

        // As the head does it: scripts find out where labels are needed after all.
        public bool HasLabels { get; init; } = true;

        public override int CountEstimate => series.Length;

        public override int ReadNext(Span<SeriesEntry> batch)
        {
            var count = 0;
            while (count < batch.Length && _next < series.Length)
            {
                batch[count++] = new SeriesEntry(HasLabels ? series[_next].Labels : Labels.Empty, null, _next);
                _next++;
            }

            return count;
        }

        public override void ReadSamples(
            in SeriesEntry entry, long minTimeMs, long maxTimeMs, SampleColumns columns)
        {
            foreach (var sample in InRange(entry, minTimeMs, maxTimeMs))
            {
                if (sample.Histogram is null)
                    columns.Add(new FloatSample(sample.TimestampMs, sample.Value, sample.StartTimestampMs));
                else
                    columns.Add(sample.TimestampMs, sample.StartTimestampMs, sample.Histogram);
            }
        }

        public override LatestSample TryReadLatest(
            in SeriesEntry entry, long minTimeMs, long maxTimeMs, out FloatSample latest)
        {
            latest = default;
            var samples = InRange(entry, minTimeMs, maxTimeMs);
            if (samples.Count == 0) return LatestSample.None;
            if (samples[^1].Histogram is not null) return LatestSample.Unknown;
            latest = new FloatSample(samples[^1].TimestampMs, samples[^1].Value, samples[^1].StartTimestampMs);
            return LatestSample.Found;
        }

        private List<StoredSample> InRange(in SeriesEntry entry, long minTimeMs, long maxTimeMs) =>
            series[(int)entry.Handle].Samples.FindAll(s =>
                s.TimestampMs >= Math.Max(minTimeMs, viewMinMs) && s.TimestampMs <= Math.Min(maxTimeMs, viewMaxMs));
    }
}

/// <summary>A loaded series.</summary>
/// <param name="labels">Its labels.</param>
internal sealed class StoredSeries(Labels labels)
{
    private HistogramBuckets? _last;

    /// <summary>Its labels.</summary>
    public Labels Labels { get; } = labels;

    /// <summary>Its samples, ascending by time.</summary>
    public List<StoredSample> Samples { get; } = [];

    /// <summary>Is there a histogram among them?</summary>
    public bool HasHistograms => Samples.Exists(static x => x.Histogram is not null);

    /// <summary>Does one of them say when its counter started?</summary>
    public bool HasStartTimestamps => Samples.Exists(static x => x.StartTimestampMs != 0);

    /// <summary>
    /// The next histogram with the counter reset hint that a database would read back: a chunk says that its histograms
    /// are gauges, or that there was no reset between them; nothing is known before its first one.
    /// </summary>
    public NativeHistogram? WithHint(HistogramBuckets? buckets)
    {
        var hint = buckets is null ? CounterResetHint.Unknown
            : buckets.Hint is CounterResetHint.Gauge ? CounterResetHint.Gauge
            : buckets.Hint is CounterResetHint.CounterReset || _last is null || _last.Hint == CounterResetHint.Gauge ||
                buckets.IsResetAfter(_last) ? CounterResetHint.Unknown
            : CounterResetHint.NotCounterReset;
        _last = buckets;
        return buckets?.ToHistogram(hint);
    }
}

/// <summary>A loaded sample.</summary>
/// <param name="TimestampMs">Its time.</param>
/// <param name="StartTimestampMs">When its counter started; 0 is unknown.</param>
/// <param name="Value">Its value; means nothing where a histogram stands.</param>
/// <param name="Histogram">The histogram, or null for a float.</param>
internal readonly record struct StoredSample(
    long TimestampMs, long StartTimestampMs, double Value, NativeHistogram? Histogram);
