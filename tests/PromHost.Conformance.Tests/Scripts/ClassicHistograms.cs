using System.Text;
using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>Builds native histograms with custom buckets from the classic ones of a <c>load_with_nhcb</c>.</summary>
internal sealed class ClassicHistograms
{
    private readonly Dictionary<Labels, SortedDictionary<long, Observations>> _histograms = [];

    /// <summary>Takes a float sample of a series if the series is part of a classic histogram.</summary>
    public void Add(Labels labels, long timestampMs, double value)
    {
        var name = labels.GetString(Labels.MetricName) ?? "";
        if (name.EndsWith("_bucket", StringComparison.Ordinal))
        {
            if (!GoNumber.TryParseFloat(labels.GetString("le") ?? "", out var bound) || double.IsNaN(bound)) return;
            At(labels, name[..^7], timestampMs).Buckets.TryAdd(bound, value);
        }
        else if (name.EndsWith("_count", StringComparison.Ordinal))
        {
            At(labels, name[..^6], timestampMs).Count = value;
        }
        else if (name.EndsWith("_sum", StringComparison.Ordinal))
        {
            At(labels, name[..^4], timestampMs).Sum = value;
        }
    }

    /// <summary>The histograms, per series ascending by time.</summary>
    /// <exception cref="ScriptException">A classic histogram is inconsistent.</exception>
    public IEnumerable<(Labels Labels, long TimestampMs, HistogramBuckets Histogram)> Build() =>
        _histograms.SelectMany(static series => series.Value.Select(at => (series.Key, at.Key, at.Value.Build())));

    private Observations At(Labels labels, string family, long timestampMs)
    {
        var series = new LabelsBuilder().Reset(labels).Set(Labels.MetricName, family)
            .Delete(Encoding.UTF8.GetBytes("le")).ToLabels();
        if (!_histograms.TryGetValue(series, out var byTime)) _histograms[series] = byTime = [];
        if (!byTime.TryGetValue(timestampMs, out var observations)) byTime[timestampMs] = observations = new();
        return observations;
    }

    private sealed class Observations
    {
        public SortedDictionary<double, double> Buckets { get; } = [];

        public double? Count { get; set; }

        public double Sum { get; set; }

        public HistogramBuckets Build()
        {
            var buckets = Buckets.Select(static b => (UpperBound: b.Key, Count: b.Value)).ToList();
            var count = Count ?? (buckets.Count > 0 ? buckets[^1].Count : 0);
            if (buckets.Count == 0 || !double.IsPositiveInfinity(buckets[^1].UpperBound))
                buckets.Add((double.PositiveInfinity, count));
            var isConsistent = buckets[^1].Count == count && buckets[0].Count >= 0 &&
                buckets.Zip(buckets.Skip(1)).All(static pair => pair.First.Count <= pair.Second.Count);
            return isConsistent
                ? HistogramBuckets.OfClassic(buckets, Sum)
                : throw new ScriptException(ScriptFailure.LoadFailed, "the buckets of a histogram are inconsistent");
        }
    }
}
