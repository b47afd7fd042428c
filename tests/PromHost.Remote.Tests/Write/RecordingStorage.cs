using System.Diagnostics.CodeAnalysis;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Remote.Tests;

/// <summary>A storage that remembers what it is given and refuses what it is told to.</summary>
internal sealed class RecordingStorage : IAppendable
{
    private readonly Dictionary<byte[], SeriesRef> _byRawLabels = new(new BytesComparer());
    private readonly Dictionary<Labels, SeriesRef> _byLabels = [];
    private readonly List<Labels> _labels = [];

    public List<(Labels Labels, FloatSample Sample)> Committed { get; } = [];

    public List<(Labels Labels, long TimestampMs, NativeHistogram Histogram)> Histograms { get; } = [];

    public List<(Labels Labels, Exemplar Exemplar)> Exemplars { get; } = [];

    public Dictionary<string, MetricMetadata> Metadata { get; } = new(StringComparer.Ordinal);

    public Func<Labels, FloatSample, AppendResult> Decide { get; set; } = (_, _) => AppendResult.Stored;

    public bool ChecksHistograms { get; set; } = true;

    public string? UnavailableAtStart { get; set; }

    public string? UnavailableAtCommit { get; set; }

    public bool IsKeeping { get; set; } = true;

    public int SeriesCount => _labels.Count;

    public int OpenAppenders { get; private set; }

    public int DecodedLookUps { get; private set; }

    public IAppender CreateAppender()
    {
        if (UnavailableAtStart is not null)
            throw new StorageUnavailableException(UnavailableAtStart, TimeSpan.FromSeconds(7));
        OpenAppenders++;
        return _idle.TryPop(out var appender) ? appender : new Appender(this);
    }

    private readonly Stack<Appender> _idle = new();

    private sealed class Appender(RecordingStorage storage) : IAppender
    {
        private readonly List<(SeriesRef Series, FloatSample Sample)> _staged = new(4096);
        private readonly List<(SeriesRef Series, long TimestampMs, NativeHistogram Histogram)> _histograms = [];
        private readonly List<(SeriesRef Series, Exemplar Exemplar)> _exemplars = [];
        private readonly List<(string Family, MetricMetadata Metadata)> _metadata = [];

        public bool TryGetSeries(ReadOnlySpan<byte> rawLabels, out SeriesRef series) =>
            storage._byRawLabels.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(rawLabels, out series);

        public SeriesRef GetOrAddSeries(Labels labels, ReadOnlySpan<byte> rawLabels)
        {
            storage.DecodedLookUps++;
            if (!storage._byLabels.TryGetValue(labels, out var series))
            {
                storage._labels.Add(labels);
                series = new SeriesRef((ulong)storage._labels.Count);
                storage._byLabels.Add(labels, series);
            }

            storage._byRawLabels.TryAdd(rawLabels.ToArray(), series);
            return series;
        }

        public void Append(SeriesRef series, ReadOnlySpan<FloatSample> samples)
        {
            foreach (var sample in samples)
                _staged.Add((series, sample));
        }

        public void AppendHistogram(
            SeriesRef series, long timestampMs, long startTimestampMs, NativeHistogram histogram) =>
            _histograms.Add((series, timestampMs, histogram));

        public void AppendExemplar(SeriesRef series, Exemplar exemplar) => _exemplars.Add((series, exemplar));

        public void UpdateMetadata(ReadOnlySpan<byte> family, MetricMetadata metadata) =>
            _metadata.Add((System.Text.Encoding.UTF8.GetString(family), metadata));

        public ValueTask<AppendReport> CommitAsync(CancellationToken cancellationToken = default)
        {
            if (storage.UnavailableAtCommit is not null)
                throw new StorageUnavailableException(storage.UnavailableAtCommit, null);
            if (!storage.IsKeeping)
                return ValueTask.FromResult(new AppendReport(_staged.Count, 0, []));
            var rejected = new List<RejectedSample>();
            int stored = 0, alreadyStored = 0;
            foreach (var (series, sample) in _staged)
            {
                var labels = Labels(series);
                var result = storage.Decide(labels, sample);
                if (result == AppendResult.Stored)
                {
                    stored++;
                    storage.Committed.Add((labels, sample));
                }
                else if (result == AppendResult.AlreadyStored)
                {
                    alreadyStored++;
                }
                else
                {
                    rejected.Add(new RejectedSample(labels, sample, result, new FloatSample(5000, 0.5)));
                }
            }

            foreach (var (series, timestampMs, histogram) in _histograms)
            {
                var labels = Labels(series);
                var sample = new FloatSample(timestampMs, histogram.Sum);
                var result = storage.ChecksHistograms && !HistogramValidation.IsValid(histogram, out _)
                    ? AppendResult.HistogramSpans
                    : storage.Decide(labels, sample);
                if (result == AppendResult.Stored)
                {
                    stored++;
                    storage.Histograms.Add((labels, timestampMs, histogram));
                }
                else
                {
                    rejected.Add(new RejectedSample(labels, sample, result, default) { Histogram = histogram });
                }
            }

            foreach (var (series, exemplar) in _exemplars)
                storage.Exemplars.Add((Labels(series), exemplar));
            foreach (var (family, metadata) in _metadata)
                storage.Metadata[family] = metadata;
            return ValueTask.FromResult(new AppendReport(stored, alreadyStored, rejected));
        }

        public void Dispose()
        {
            _staged.Clear();
            _histograms.Clear();
            _exemplars.Clear();
            _metadata.Clear();
            storage.OpenAppenders--;
            storage._idle.Push(this);
        }

        private Labels Labels(SeriesRef series) => storage._labels[(int)series.Value - 1];
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>,
        IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
