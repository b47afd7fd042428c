using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>The floats and native histograms that a database is to hold.</summary>
internal sealed class StoredHistograms
{
    private readonly Dictionary<Labels, SortedDictionary<long, (double Value, NativeHistogram? Histogram)>> _series =
        [];

    /// <summary>Every series that a database holds, with its samples.</summary>
    public static Dictionary<Labels, List<(long T, double V, NativeHistogram? Histogram)>> Read(
        Database database, long minMs = long.MinValue, long maxMs = long.MaxValue, params LabelMatcher[] matchers)
    {
        var result = new Dictionary<Labels, List<(long, double, NativeHistogram?)>>();
        using var querier = database.OpenQuerier(minMs, maxMs);
        using var set = querier.Select(new SelectHints(minMs, maxMs), matchers);
        var entries = new SeriesEntry[1];
        var columns = new SampleColumns();
        while (set.ReadNext(entries) > 0)
        {
            columns.Clear();
            set.ReadSamples(entries[0], minMs, maxMs, columns);
            var samples = new List<(long, double, NativeHistogram?)>();
            for (var i = 0; i < columns.Count; i++)
            {
                var histogram = columns.Histograms.IsEmpty ? null : columns.Histograms[i];
                samples.Add((columns.TimestampsMs[i], columns.Values[i], histogram));
            }

            result.Add(entries[0].Labels, samples);
        }

        return result;
    }

    /// <summary>A sample was stored.</summary>
    public void Add(Labels labels, long timeMs, double value, NativeHistogram? histogram)
    {
        if (!_series.TryGetValue(labels, out var samples)) _series[labels] = samples = [];
        samples.Add(timeMs, (value, histogram));
    }

    /// <summary>Is there a sample of this time?</summary>
    public bool Has(Labels labels, long timeMs) =>
        _series.TryGetValue(labels, out var samples) && samples.ContainsKey(timeMs);

    /// <summary>Samples of a series were deleted.</summary>
    public void Remove(Labels labels, long minTimeMs, long maxTimeMs)
    {
        foreach (var timeMs in _series[labels].Keys.Where(t => t >= minTimeMs && t <= maxTimeMs).ToList())
            _series[labels].Remove(timeMs);
    }

    /// <summary>Compares with what a database holds.</summary>
    public void Check(Database database)
    {
        var actual = Read(database);
        foreach (var (labels, samples) in _series)
        {
            if (samples.Count == 0 && !actual.ContainsKey(labels)) continue;
            var found = actual[labels];
            found.Select(s => s.T).Should().Equal(samples.Keys, $"{labels}");
            foreach (var (t, value, histogram) in found)
            {
                (histogram is null).Should().Be(samples[t].Histogram is null, $"{labels} at {t}");
                if (samples[t].Histogram is { } wanted) histogram!.ShouldEqual(wanted, $"{labels} at {t}");
                else value.Should().Be(samples[t].Value);
            }
        }

        actual.Keys.Except(_series.Keys).Should().BeEmpty();
    }
}
