// Hot path: asked per series of every selection from a block.
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// What queries have made of a block and need again: labels of series, and which series match. Thread-safe; reading
/// labels takes no lock.
/// </summary>
internal sealed class BlockCache : IDisposable
{
    // Headers of objects and arrays, places in tables.
    private const int LabelsOverheadBytes = 80;
    private const int PostingsOverheadBytes = 160;

    private readonly BlockCacheBudget _budget;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, uint[]> _postings = new(StringComparer.Ordinal);
    private Entry?[] _series = [];
    private int _seriesCount;
    private long _usedBytes;
    private long _lastUsed;
    private bool _isDisposed;

    public BlockCache(BlockCacheBudget budget)
    {
        _budget = budget;
        budget.Add(this);
    }

    /// <summary>When it was asked for, as the budget counts.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Does it hold nothing?</summary>
    public bool IsEmpty => Volatile.Read(ref _usedBytes) == 0;

    /// <summary>Notes that a query asks.</summary>
    public void Touch() => Volatile.Write(ref _lastUsed, _budget.NextTick());

    /// <summary>Finds the labels of a series.</summary>
    /// <param name="series">Its ref.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="chunks">Where in its entry the chunks are listed.</param>
    public bool TryGetLabels(uint series, out Labels labels, out int chunks)
    {
        var slots = Volatile.Read(ref _series);
        if (slots.Length > 0)
        {
            for (var slot = Slot(series, slots); ; slot = (slot + 1) & (slots.Length - 1))
            {
                var entry = Volatile.Read(ref slots[slot]);
                if (entry is null) break;
                if (entry.Series != series) continue;
                labels = entry.Labels;
                chunks = entry.Chunks;
                return true;
            }
        }

        labels = Labels.Empty;
        chunks = 0;
        return false;
    }

    /// <summary>Keeps the labels of a series, unless there is no room.</summary>
    public void AddLabels(uint series, Labels labels, int chunks)
    {
        var bytes = LabelsOverheadBytes + labels.Encoded.Length;
        if (!_budget.TryTake(this, bytes)) return;
        lock (_lock)
        {
            if (_isDisposed || TryGetLabels(series, out _, out _))
            {
                _budget.Return(bytes);
                return;
            }

            if (_seriesCount >= _series.Length / 4 * 3) Grow();
            Place(_series, new Entry(series, labels, chunks));
            _seriesCount++;
            _usedBytes += bytes;
        }
    }

    /// <summary>Finds the series that match.</summary>
    /// <param name="matchers">The matchers as text.</param>
    /// <param name="series">The refs, ascending; nobody changes them.</param>
    public bool TryGetPostings(string matchers, out uint[] series)
    {
        lock (_lock) return _postings.TryGetValue(matchers, out series!);
    }

    /// <summary>Keeps the series that match, unless there is no room.</summary>
    public void AddPostings(string matchers, uint[] series)
    {
        var bytes = PostingsOverheadBytes + (2L * matchers.Length) + ((long)series.Length * sizeof(uint));
        if (!_budget.TryTake(this, bytes)) return;
        lock (_lock)
        {
            if (_isDisposed || !_postings.TryAdd(matchers, series)) _budget.Return(bytes);
            else _usedBytes += bytes;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Volatile.Write(ref _series, []);
            _seriesCount = 0;
            _postings.Clear();
            _budget.Return(_usedBytes);
            Volatile.Write(ref _usedBytes, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _budget.Remove(this);
        lock (_lock) _isDisposed = true;
        Clear();
    }

    private static int Slot(uint series, Entry?[] slots) =>
        (int)((series * 0x9E3779B97F4A7C15) >> 32) & (slots.Length - 1);

    private static void Place(Entry?[] slots, Entry entry)
    {
        var slot = Slot(entry.Series, slots);
        while (slots[slot] is not null) slot = (slot + 1) & (slots.Length - 1);
        Volatile.Write(ref slots[slot], entry);
    }

    private void Grow()
    {
        var grown = new Entry?[Math.Max(64, _series.Length * 2)];
        foreach (var entry in _series)
        {
            if (entry is not null) Place(grown, entry);
        }

        Volatile.Write(ref _series, grown);
    }

    private sealed class Entry(uint series, Labels labels, int chunks)
    {
        public uint Series => series;

        public Labels Labels => labels;

        public int Chunks => chunks;
    }
}
