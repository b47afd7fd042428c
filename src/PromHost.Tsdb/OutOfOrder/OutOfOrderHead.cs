using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// The samples of the head that came out of order (Prometheus: <c>ooo_head.go</c>): per series the newest ones as they
/// came, the others in chunks. A series without any costs nothing here. The committer, or replay before there is one,
/// adds; any thread reads.
/// </summary>
internal sealed class OutOfOrderHead
{
    /// <summary>Samples of a series that are gathered before they become a chunk, as in Prometheus.</summary>
    public const int SamplesPerChunk = 32;

    private readonly SeriesStore _store;
    private readonly OutOfOrderChunks _chunks;
    private readonly ConcurrentDictionary<int, OutOfOrderSeries> _series = new();
    private readonly List<OutOfOrderSeries> _withOlder = [];
    private ulong _commit;
    private ulong _oldestView;
    private ulong _newestOlder;
    private ulong[] _otherRefs = [];
    private bool _isFreezing;
    private long _minTimeMs = long.MaxValue;
    private long _maxTimeMs = long.MinValue;

    // Of what came since the last freeze.
    private long _newMinTimeMs = long.MaxValue;
    private long _newMaxTimeMs = long.MinValue;

    public OutOfOrderHead(SeriesStore store, FullChunks fullChunks)
    {
        _store = store;
        _chunks = new OutOfOrderChunks(store, fullChunks);
    }

    /// <summary>How samples become chunks.</summary>
    public ChunkRules Rules
    {
        set => _chunks.Rules = value;
    }

    /// <summary>Told, in seconds, how far each sample that came out of order lies behind the head.</summary>
    public Histogram<double>? Delays { get; set; }

    /// <summary>
    /// Does the log hold what is not in the head, records of kinds that are not read here? It is kept then.
    /// </summary>
    public bool IsLogNeeded { get; set; }

    /// <summary>The oldest timestamp; the largest number without samples.</summary>
    public long MinTimeMs => Volatile.Read(ref _minTimeMs);

    /// <summary>The newest timestamp; the smallest number without samples.</summary>
    public long MaxTimeMs => Volatile.Read(ref _maxTimeMs);

    /// <summary>All series that have such samples.</summary>
    public ICollection<OutOfOrderSeries> Series => _series.Values;

    /// <summary>
    /// Numbers in the WAL under which the log or a chunk knows a series that has another one: it came and went. The WAL
    /// must keep them. Any thread's.
    /// </summary>
    public IReadOnlyCollection<ulong> OtherRefs => Volatile.Read(ref _otherRefs);

    /// <summary>The out-of-order part of a series, if it has one.</summary>
    public bool TryGet(int series, [MaybeNullWhen(false)] out OutOfOrderSeries found) =>
        _series.TryGetValue(series, out found);

    /// <summary>The same, made when there is none.</summary>
    public OutOfOrderSeries GetOrAdd(int series)
    {
        if (_series.TryGetValue(series, out var found)) return found;
        return _series[series] = new OutOfOrderSeries(series);
    }

    /// <summary>Keeps other numbers of series; once, after the replay.</summary>
    public void KeepRefs(IEnumerable<ulong> walRefs) => Volatile.Write(ref _otherRefs, [.. walRefs]);

    /// <summary>A series without such samples is gone from the head.</summary>
    public void Remove(int series) => _series.TryRemove(series, out _);

    /// <summary>Begins a commit; 0 during replay.</summary>
    /// <param name="commit">Its number.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    public void Begin(ulong commit, ulong oldestView)
    {
        _commit = commit;
        _oldestView = oldestView;
        if (_withOlder.Count == 0 || oldestView < _newestOlder) return;
        foreach (var series in _withOlder) series.ForgetOlder();
        _withOlder.Clear();
    }

    /// <summary>Appends a sample that is stored nowhere yet.</summary>
    public void Append(OutOfOrderSeries series, OutOfOrderSample sample)
    {
        Enter(series);
        series.Append(sample);
        Span(sample.TimestampMs, sample.TimestampMs);
    }

    /// <summary>Adds a chunk found at start.</summary>
    public void AddMapped(int series, MappedChunk chunk)
    {
        var found = GetOrAdd(series);
        Enter(found);
        found.Replace([chunk], [.. found.Now.OpenSamples]);
        Span(chunk.MinTimeMs, chunk.MaxTimeMs);
    }

    /// <summary>
    /// Makes chunks of the samples of a series that are in none, if there are enough. Not during a freeze: what comes
    /// then shares no file with what is frozen.
    /// </summary>
    public void CutFull(OutOfOrderSeries series)
    {
        if (series.Now.OpenCount >= SamplesPerChunk && !_isFreezing) Cut(series, series.Now.OpenCount);
    }

    /// <summary>The same of the first ones to come, however few they are.</summary>
    public void Cut(OutOfOrderSeries series, int count)
    {
        if (count == 0) return;
        var open = series.Now.OpenSamples;
        var chunks = _chunks.Write(series.Series, OutOfOrderChunks.Sort(open[..count]));
        series.Replace(CollectionsMarshal.AsSpan(chunks), open[count..].ToArray());
    }

    /// <summary>Begins a freeze: what comes from now on is new.</summary>
    /// <returns>
    /// All series that have out-of-order samples, and how many of them, the first ones, are in no chunk.
    /// </returns>
    public IReadOnlyList<(OutOfOrderSeries Series, int OpenCount)> BeginFreeze()
    {
        _isFreezing = true;
        _newMinTimeMs = long.MaxValue;
        _newMaxTimeMs = long.MinValue;
        return [.. _series.Values.Select(series => (series, series.Now.OpenCount))];
    }

    /// <summary>All that is frozen is in chunks, or the freeze is given up.</summary>
    public void EndFreeze() => _isFreezing = false;

    /// <summary>Drops frozen chunks of a series, which are in blocks now.</summary>
    public void Drop(in FrozenSeries frozen)
    {
        var series = frozen.Series;
        series.DropChunks(frozen.Count);
        if (!series.Now.IsEmpty) return;
        ref var state = ref _store.State(series.Series);
        SeriesStore.BeginChange(ref state);
        state.HasOutOfOrder = false;
        SeriesStore.EndChange(ref state);
        _series.TryRemove(series.Series, out _);
    }

    /// <summary>All frozen chunks are dropped: only what is new is left.</summary>
    public void EndTruncation()
    {
        Volatile.Write(ref _minTimeMs, _newMinTimeMs);
        Volatile.Write(ref _maxTimeMs, _newMaxTimeMs);
        Volatile.Write(ref _otherRefs, []);
    }

    private void Enter(OutOfOrderSeries series)
    {
        if (series.Enter(_commit, _oldestView))
        {
            _newestOlder = _commit;
            _withOlder.Add(series);
        }

        ref var state = ref _store.State(series.Series);
        if (state.HasOutOfOrder) return;
        SeriesStore.BeginChange(ref state);
        state.HasOutOfOrder = true;
        SeriesStore.EndChange(ref state);
    }

    private void Span(long minTimeMs, long maxTimeMs)
    {
        if (minTimeMs < _minTimeMs) Volatile.Write(ref _minTimeMs, minTimeMs);
        if (maxTimeMs > _maxTimeMs) Volatile.Write(ref _maxTimeMs, maxTimeMs);
        _newMinTimeMs = Math.Min(_newMinTimeMs, minTimeMs);
        _newMaxTimeMs = Math.Max(_newMaxTimeMs, maxTimeMs);
    }
}
