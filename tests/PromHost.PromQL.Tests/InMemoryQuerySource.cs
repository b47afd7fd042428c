using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL.Tests;

/// <summary>A storage that is a list of series; they come in the order in which they were added.</summary>
internal sealed class InMemoryQuerySource : IQuerySource
{
    private readonly List<(Labels Labels, Sample[] Samples)> _series = [];

    /// <summary>The hints of all selections so far.</summary>
    public List<SelectHints> Selections { get; } = [];

    /// <summary>Does <see cref="SeriesSet.TryReadLatest"/> know the answer?</summary>
    public bool AnswersLatest { get; set; }

    /// <summary>Called when samples of a series are read.</summary>
    public Action? Reading { get; set; }

    /// <summary>
    /// Adds series as test scripts write them: <c>m{a="b"} 1 2 _ {{count:3}}</c>, a value per step from 0 on.
    /// Histograms are not added up.
    /// </summary>
    public InMemoryQuerySource Load(long stepMs, params ReadOnlySpan<string> lines)
    {
        foreach (var line in lines)
        {
            var description = Parser.ParseSeriesDescription(line);
            _series.Add((description.Labels, [.. description.Values
                .Select((value, i) => (value, Sample: new Sample(
                    new FloatSample(i * stepMs, value.Value), value.Histogram?.ToHistogram())))
                .Where(pair => !pair.value.IsOmitted)
                .Select(pair => pair.Sample)]));
        }

        return this;
    }

    /// <summary>Adds a series.</summary>
    public InMemoryQuerySource Add(Labels labels, params FloatSample[] samples)
    {
        _series.Add((labels, Array.ConvertAll(samples, static sample => new Sample(sample, null))));
        return this;
    }

    /// <summary>Adds a series of histograms: time, start and histogram of each sample.</summary>
    public InMemoryQuerySource Add(Labels labels, params (long TimeMs, long StartMs, NativeHistogram Value)[] samples)
    {
        _series.Add((labels, Array.ConvertAll(
            samples, static s => new Sample(new FloatSample(s.TimeMs, s.Value.Sum, s.StartMs), s.Value))));
        return this;
    }

    public IQuerier OpenQuerier(long minTimeMs, long maxTimeMs) => new Querier(this);

    private sealed class Querier(InMemoryQuerySource source) : IQuerier
    {
        public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers)
        {
            lock (source.Selections) source.Selections.Add(hints);
            return new Set(source, [.. Enumerable.Range(0, source._series.Count).Where(i =>
                matchers.All(m => m.Matches(source._series[i].Labels.Get(m.NameUtf8.Span))))]);
        }

        public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            throw new NotSupportedException();

        public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Set(InMemoryQuerySource source, int[] indexes) : SeriesSet
    {
        private int _next;

        public override int CountEstimate => indexes.Length;

        public override int ReadNext(Span<SeriesEntry> batch)
        {
            var count = 0;
            while (count < batch.Length && _next < indexes.Length)
            {
                var index = indexes[_next++];
                batch[count++] = new SeriesEntry(source._series[index].Labels, null, index);
            }

            return count;
        }

        public override void ReadSamples(
            in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
        {
            source.Reading?.Invoke();
            foreach (var (sample, histogram) in source._series[(int)series.Handle].Samples)
            {
                if (sample.TimestampMs < minTimeMs || sample.TimestampMs > maxTimeMs) continue;
                if (histogram is null) columns.Add(sample);
                else columns.Add(sample.TimestampMs, sample.StartTimestampMs, histogram);
            }
        }

        public override LatestSample TryReadLatest(
            in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest)
        {
            latest = default;
            if (!source.AnswersLatest) return LatestSample.Unknown;
            var inRange = Array.FindAll(source._series[(int)series.Handle].Samples,
                s => s.Float.TimestampMs >= minTimeMs && s.Float.TimestampMs <= maxTimeMs);
            if (inRange.Length == 0) return LatestSample.None;
            latest = inRange[^1].Float;
            return inRange[^1].Histogram is null ? LatestSample.Found : LatestSample.Unknown;
        }
    }

    private readonly record struct Sample(FloatSample Float, NativeHistogram? Histogram);
}
