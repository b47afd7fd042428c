using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>What a database must have of a series.</summary>
internal sealed class ModelSeries(Labels labels)
{
    private readonly List<TimeInterval> _deleted = [];

    public Labels Labels => labels;

    /// <summary>The value of its label <c>n</c>.</summary>
    public string Number { get; } = System.Text.Encoding.UTF8.GetString(labels.Get("n"u8));

    /// <summary>
    /// By timestamp the values that may be stored. More than one where the sample was offered again with another value
    /// when the first one was in a block alone.
    /// </summary>
    public SortedDictionary<long, HashSet<ModelSample>> Samples { get; } = [];

    /// <summary>The kinds of all samples ever offered.</summary>
    public HashSet<SampleKind> Kinds { get; } = [];

    /// <summary>Timestamps of which nobody knows: the process died before it had answered.</summary>
    public HashSet<long> Unknown { get; } = [];

    /// <summary>The newest timestamp ever offered.</summary>
    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>Notes a sample that is there now, or may be there already.</summary>
    public void Add(long timestampMs, ModelSample value)
    {
        if (!Samples.TryGetValue(timestampMs, out var values)) Samples[timestampMs] = values = [];
        values.Add(value);
        Kinds.Add(value.Kind);
        NewestMs = Math.Max(NewestMs, timestampMs);
    }

    /// <summary>The values that may be stored at a timestamp; none when there is no sample.</summary>
    public HashSet<ModelSample> ValuesAt(long timestampMs) =>
        Samples.TryGetValue(timestampMs, out var values) ? [.. values] : [];

    /// <summary>A value was not taken.</summary>
    public void Remove(long timestampMs, ModelSample value)
    {
        if (!Samples.TryGetValue(timestampMs, out var all)) return;
        all.Remove(value);
        if (all.Count == 0) Samples.Remove(timestampMs);
    }

    /// <summary>Is a time deleted? What is offered of it later may be hidden, as in Prometheus.</summary>
    public bool IsDeleted(long timestampMs) =>
        _deleted.Exists(range => timestampMs >= range.MinTimeMs && timestampMs <= range.MaxTimeMs);

    /// <summary>A deletion begins: as long as it is not answered nobody knows of its samples.</summary>
    public void BeginDelete(TimeInterval range)
    {
        if (Samples.Count == 0) return;
        // What is newer than the newest sample is not deleted.
        var cut = range with { MaxTimeMs = Math.Min(range.MaxTimeMs, NewestMs) };
        if (cut.MinTimeMs > cut.MaxTimeMs) return;
        _deleted.Add(cut);
        Unknown.UnionWith(In(cut));
    }

    /// <summary>The deletion is answered.</summary>
    public void EndDelete(TimeInterval range)
    {
        foreach (var timestampMs in In(range))
        {
            Samples.Remove(timestampMs);
            Unknown.Remove(timestampMs);
        }
    }

    /// <summary>Compares what is stored in a range, and learns of what nobody knew.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public string? Compare(IReadOnlyList<(long T, ModelSample V)> stored, long minMs, long maxMs)
    {
        for (var i = 0; i < stored.Count; i++)
        {
            var (t, v) = stored[i];
            if (i > 0 && t <= stored[i - 1].T) return $"{t} comes after {stored[i - 1].T}";
            if (t < minMs || t > maxMs) return $"{t} was not asked for";
            if (!Samples.TryGetValue(t, out var values)) return $"{v} at {t} should not be there";
            if (!values.Contains(v)) return $"{v} at {t} has another value: {string.Join(" or ", values)}";
            if (!Kinds.Contains(v.Kind)) return $"{v} at {t} is of a kind that was never offered";
            if (i > 0 && IsWronglyContinued(stored[i - 1].V, v))
                return $"{v} at {t} is said to go on with {stored[i - 1].V} at {stored[i - 1].T}";
        }

        var times = stored.Select(sample => sample.T).ToHashSet();
        foreach (var timestampMs in In(new TimeInterval(minMs, maxMs)))
        {
            if (!times.Contains(timestampMs) && !Unknown.Contains(timestampMs)) return $"{timestampMs} is missing";
        }

        return null;
    }

    /// <summary>
    /// What was there after a crash is known from now on. Of several values one is seen, and another one later: one may
    /// be in the head, one in a block.
    /// </summary>
    public void Settle(IReadOnlyList<(long T, ModelSample V)> stored)
    {
        var times = stored.Select(sample => sample.T).ToHashSet();
        foreach (var timestampMs in Unknown.Where(timestampMs => !times.Contains(timestampMs)))
            Samples.Remove(timestampMs);
        Unknown.Clear();
    }

    // Where nothing was deleted a reader may trust what it is told of counter resets.
    private bool IsWronglyContinued(ModelSample before, ModelSample sample) =>
        sample.Histogram is { CounterResetHint: CounterResetHint.NotCounterReset } histogram && !sample.IsStale &&
        _deleted.Count == 0 && (before.Histogram is not { } earlier || earlier.Count > histogram.Count);

    private List<long> In(TimeInterval range) =>
        [.. Samples.Keys.Where(t => t >= range.MinTimeMs && t <= range.MaxTimeMs)];
}
