using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Api.Tests;

/// <summary>A storage in a dictionary that can be told to fail. Commits are visible at once.</summary>
internal sealed class MemoryStorage : IQuerySource, IAppendable, IStorageAdmin, IMetadataSource, IExemplarSource,
    IStorageMaintenance
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<Labels, SortedDictionary<long, double>> _series = [];
    private readonly List<Labels> _names = [];
    private readonly SortedDictionary<string, IReadOnlyList<MetricMetadata>> _metadata = new(StringComparer.Ordinal);

    /// <summary>What is found, whatever is asked for.</summary>
    public IReadOnlyList<SeriesExemplars> Exemplars { get; set; } = [];

    /// <summary>The blocks that it says it has.</summary>
    public IReadOnlyList<BlockStatus> Blocks { get; set; } = [];

    /// <summary>What operators had done.</summary>
    public List<string> Maintenance { get; } = [];

    /// <summary>Thrown by all maintenance, when set.</summary>
    public Exception? MaintenanceFailure { get; set; }

    /// <summary>What exemplars were last asked for.</summary>
    public (long MinTimeMs, long MaxTimeMs, string Selectors) AskedExemplars { get; private set; }

    /// <summary>Thrown by every reading call, when set.</summary>
    public Exception? ReadFailure { get; set; }

    /// <summary>Called at the start of every reading call, when set.</summary>
    public Action? BeforeRead { get; set; }

    /// <summary>Thrown by every commit, when set.</summary>
    public StorageUnavailableException? WriteFailure { get; set; }

    public MemoryStorage Add(Labels labels, params ReadOnlySpan<FloatSample> samples)
    {
        lock (_lock)
        {
            if (!_series.TryGetValue(labels, out var stored)) _series[labels] = stored = [];
            foreach (var sample in samples) stored[sample.TimestampMs] = sample.Value;
        }

        return this;
    }

    public MemoryStorage AddMetadata(string family, params MetricMetadata[] entries)
    {
        _metadata[family] = entries;
        return this;
    }

    public IQuerier OpenQuerier(long minTimeMs, long maxTimeMs)
    {
        if (ReadFailure is StorageUnavailableException failure) throw failure;
        return new Querier(this, minTimeMs, maxTimeMs);
    }

    public IAppender CreateAppender() => new Appender(this);

    public HeadStatus GetHeadStatus()
    {
        lock (_lock)
        {
            var times = _series.Values.SelectMany(samples => samples.Keys).DefaultIfEmpty().ToArray();
            return _series.Count == 0
                ? new HeadStatus(0, 0, 0, long.MaxValue, long.MinValue)
                : new HeadStatus(_series.Count, _series.Count, _series.Count, times.Min(), times.Max());
        }
    }

    public CardinalityStatus GetCardinality(int limit)
    {
        lock (_lock)
        {
            var names = _series.Keys.Select(labels => labels.GetString("__name__") ?? "")
                .GroupBy(name => name, StringComparer.Ordinal)
                .Select(group => new NamedCount(group.Key, group.Count()))
                .OrderByDescending(count => count.Value).Take(limit).ToList();
            return new CardinalityStatus(names, [], [], []);
        }
    }

    public ReplayStatus GetReplayStatus() => new(Done: true, 1, 3, 3);

    public IEnumerable<KeyValuePair<string, IReadOnlyList<MetricMetadata>>> GetMetadata(string? family = null) =>
        _metadata.Where(entry => family is null || string.Equals(entry.Key, family, StringComparison.Ordinal));

    public IReadOnlyList<SeriesExemplars> SelectExemplars(
        long minTimeMs, long maxTimeMs, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        AskedExemplars = (minTimeMs, maxTimeMs, string.Join(" ", selectors.Select(one => string.Join(",", one))));
        return Exemplars;
    }

    public IReadOnlyList<BlockStatus> GetBlocks() => Blocks;

    public IReadOnlyList<MemoryUse> GetMemoryUse() => [new("series", 100, false), new("postings", 20, true)];

    public StorageHealth Health { get; set; } = new(null, [], []);

    public StorageHealth GetHealth() => Health;

    public Task DeleteSeriesAsync(
        long minTimeMs,
        long maxTimeMs,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken = default) =>
        Maintain($"delete {minTimeMs} {maxTimeMs} {string.Join(",", matchers)}");

    public Task CleanTombstonesAsync(CancellationToken cancellationToken = default) => Maintain("clean");

    public async Task<string> SnapshotAsync(bool withHead, CancellationToken cancellationToken = default)
    {
        await Maintain($"snapshot {withHead}");
        return "20260101T000000Z-0123456789abcdef";
    }

    private Task Maintain(string what)
    {
        if (MaintenanceFailure is not null) throw MaintenanceFailure;
        Maintenance.Add(what);
        return Task.CompletedTask;
    }

    private sealed class Querier(MemoryStorage storage, long minTimeMs, long maxTimeMs) : IQuerier
    {
        public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers) =>
            new Set(storage, [.. Matching(matchers)]);

        public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            Cut(Matching(matchers).Select(labels => labels.GetString(name)).OfType<string>(), limit);

        public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            Cut(Matching(matchers).SelectMany(NamesOf), limit);

        public void Dispose()
        {
        }

        private static IEnumerable<string> NamesOf(Labels labels)
        {
            var names = new List<string>();
            foreach (var label in labels) names.Add(System.Text.Encoding.UTF8.GetString(label.Name));
            return names;
        }

        private static List<string> Cut(IEnumerable<string> texts, int limit)
        {
            var sorted = texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return [.. limit > 0 ? sorted.Take(limit) : sorted];
        }

        private List<Labels> Matching(IReadOnlyList<LabelMatcher> matchers)
        {
            storage.BeforeRead?.Invoke();
            if (storage.ReadFailure is not null) throw storage.ReadFailure;
            lock (storage._lock)
            {
                return [.. storage._series
                    .Where(entry => entry.Value.Keys.Any(time => time >= minTimeMs && time <= maxTimeMs))
                    .Select(entry => entry.Key)
                    .Where(labels => matchers.All(m => m.Matches(labels.Get(m.NameUtf8.Span))))];
            }
        }
    }

    private sealed class Set(MemoryStorage storage, Labels[] found) : SeriesSet
    {
        private int _next;

        public override int ReadNext(Span<SeriesEntry> batch)
        {
            var count = 0;
            while (count < batch.Length && _next < found.Length)
                batch[count++] = new SeriesEntry(found[_next], null, _next++);
            return count;
        }

        public override void ReadSamples(
            in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
        {
            lock (storage._lock)
            {
                foreach (var (time, value) in storage._series[series.Labels])
                {
                    if (time >= minTimeMs && time <= maxTimeMs) columns.Add(new FloatSample(time, value));
                }
            }
        }
    }

    private sealed class Appender(MemoryStorage storage) : IAppender
    {
        private readonly List<(Labels Labels, FloatSample Sample)> _staged = [];

        public bool TryGetSeries(ReadOnlySpan<byte> rawLabels, out SeriesRef series)
        {
            series = default;
            return false;
        }

        public SeriesRef GetOrAddSeries(Labels labels, ReadOnlySpan<byte> rawLabels)
        {
            lock (storage._lock)
            {
                storage._names.Add(labels);
                return new SeriesRef((ulong)storage._names.Count);
            }
        }

        public void Append(SeriesRef series, ReadOnlySpan<FloatSample> samples)
        {
            foreach (var sample in samples) _staged.Add((storage._names[(int)series.Value - 1], sample));
        }

        public void AppendHistogram(
            SeriesRef series, long timestampMs, long startTimestampMs, NativeHistogram histogram)
        {
        }

        public void AppendExemplar(SeriesRef series, Exemplar exemplar)
        {
        }

        public void UpdateMetadata(ReadOnlySpan<byte> family, MetricMetadata metadata) =>
            storage.AddMetadata(System.Text.Encoding.UTF8.GetString(family), metadata);

        // A sample with the value -1 is refused, so that tests can have rejects.
        public ValueTask<AppendReport> CommitAsync(CancellationToken cancellationToken = default)
        {
            if (storage.WriteFailure is not null) throw storage.WriteFailure;
            var rejected = new List<RejectedSample>();
            foreach (var (labels, sample) in _staged)
            {
                if (sample.Value != -1) storage.Add(labels, sample);
                else rejected.Add(new RejectedSample(labels, sample, AppendResult.OutOfOrder, default));
            }

            return ValueTask.FromResult(new AppendReport(_staged.Count - rejected.Count, 0, rejected));
        }

        public void Dispose()
        {
        }
    }
}
