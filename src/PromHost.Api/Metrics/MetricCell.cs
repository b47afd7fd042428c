// Hot path: counters of the write path end here, once per batch.
using PromHost.Exposition;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>The value of an instrument for one combination of tags. Thread-safe.</summary>
internal sealed class MetricCell(KeyValuePair<string, object?>[] tags, Labels labels, int boundCount)
{
    private readonly Lock _lock = new();
    private readonly long[] _buckets = new long[boundCount + 1];
    private double _value;
    private long _count;

    /// <summary>The tags as labels.</summary>
    public Labels Labels { get; } = labels;

    /// <summary>The value of a counter or gauge.</summary>
    public double Value
    {
        get
        {
            lock (_lock) return _value;
        }
    }

    /// <summary>Are these the cell's tags, in the same order?</summary>
    public bool HasTags(ReadOnlySpan<KeyValuePair<string, object?>> other)
    {
        if (other.Length != tags.Length) return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (!string.Equals(tags[i].Key, other[i].Key, StringComparison.Ordinal) ||
                !Equals(tags[i].Value, other[i].Value)) return false;
        }

        return true;
    }

    /// <summary>Adds to a counter.</summary>
    public void Add(double value)
    {
        lock (_lock) _value += value;
    }

    /// <summary>Sets a gauge.</summary>
    public void Set(double value)
    {
        lock (_lock) _value = value;
    }

    /// <summary>Counts an observation of a histogram.</summary>
    /// <param name="value">What was observed.</param>
    /// <param name="bounds">The upper bounds, ascending.</param>
    public void Observe(double value, double[] bounds)
    {
        var bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket]) bucket++;
        lock (_lock)
        {
            _buckets[bucket]++;
            _value += value;
            _count++;
        }
    }

    /// <summary>Writes buckets, sum and count.</summary>
    public void WriteHistogram(ExpositionWriter writer, double[] bounds)
    {
        long[] buckets;
        double sum;
        long count;
        lock (_lock)
        {
            buckets = [.. _buckets];
            sum = _value;
            count = _count;
        }

        var total = 0L;
        for (var i = 0; i < bounds.Length; i++)
        {
            total += buckets[i];
            writer.WriteBucket(Labels, bounds[i], total);
        }

        writer.WriteBucket(Labels, double.PositiveInfinity, count);
        writer.WriteSum(Labels, sum);
        writer.WriteCount(Labels, count);
    }
}
