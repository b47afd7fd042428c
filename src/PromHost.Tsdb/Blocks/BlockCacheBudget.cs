namespace PromHost.Tsdb;

/// <summary>
/// Bounds what the caches of all blocks hold together. When there is no room, the cache of the block that was not asked
/// for longest is emptied: queries ask for a few blocks over and over. Thread-safe.
/// </summary>
/// <param name="maxBytes">The bound.</param>
internal sealed class BlockCacheBudget(long maxBytes)
{
    /// <summary>Room for the labels of about 50,000 series.</summary>
    public const long DefaultMaxBytes = 16 << 20;

    private readonly Lock _lock = new();
    private readonly HashSet<BlockCache> _caches = [];
    private long _usedBytes;
    private long _tick;

    /// <summary>What the caches hold.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>A number higher than all before: when a cache was asked for.</summary>
    public long NextTick() => Interlocked.Increment(ref _tick);

    /// <summary>Takes room for something that a cache will hold.</summary>
    /// <returns>False when it is not to be kept.</returns>
    public bool TryTake(BlockCache cache, long bytes)
    {
        if (bytes > maxBytes / 4) return false;
        if (Interlocked.Add(ref _usedBytes, bytes) <= maxBytes) return true;
        MakeRoom(cache);
        if (UsedBytes <= maxBytes) return true;
        Return(bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _usedBytes, -bytes);

    /// <summary>Counts a cache in.</summary>
    public void Add(BlockCache cache)
    {
        lock (_lock) _caches.Add(cache);
    }

    /// <summary>Counts a cache out.</summary>
    public void Remove(BlockCache cache)
    {
        lock (_lock) _caches.Remove(cache);
    }

    private void MakeRoom(BlockCache asking)
    {
        lock (_lock)
        {
            if (UsedBytes <= maxBytes) return;
            BlockCache? oldest = null;
            foreach (var cache in _caches)
            {
                if (cache != asking && !cache.IsEmpty && (oldest is null || cache.LastUsed < oldest.LastUsed))
                    oldest = cache;
            }

            (oldest ?? asking).Clear();
        }
    }
}
