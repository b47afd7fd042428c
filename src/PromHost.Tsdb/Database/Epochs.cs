using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Says when nobody uses any more what was taken out of sight: a freed slab, an unmapped file, a deleted block. Whoever
/// reads shared memory is inside an epoch; what is retired is released when all have left who entered before.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The order that makes it safe: first take the thing out of what newcomers can see, then <see cref="Retire"/> it.
/// </remarks>
internal sealed class Epochs
{
    private readonly Lock _lock = new();

    // Who is inside, by the epoch of entering; ascending, so the first is the oldest.
    private readonly SortedDictionary<long, int> _inside = [];
    private readonly Queue<(long Epoch, Action Release)> _retired = new();
    private long _current = 1;
    private bool _isClosed;

    /// <summary>Those inside.</summary>
    public int InsideCount
    {
        get
        {
            lock (_lock) return _inside.Values.Sum();
        }
    }

    /// <summary>Enters the current epoch.</summary>
    /// <returns>What to leave with.</returns>
    /// <exception cref="StorageUnavailableException">Closed.</exception>
    public long Enter()
    {
        lock (_lock)
        {
            if (_isClosed) throw new StorageUnavailableException("the storage is shutting down", null);
            _inside[_current] = _inside.GetValueOrDefault(_current) + 1;
            return _current;
        }
    }

    /// <summary>Leaves an epoch, once per <see cref="Enter"/>. What nobody holds any more is released here.</summary>
    public void Leave(long epoch)
    {
        lock (_lock)
        {
            var count = _inside[epoch] - 1;
            if (count > 0) _inside[epoch] = count;
            else _inside.Remove(epoch);
        }

        ReleaseUnused();
    }

    /// <summary>Releases something when everybody has left who is inside now; at once when nobody is.</summary>
    /// <param name="release">Runs once, on any thread; must be short and must not throw.</param>
    public void Retire(Action release)
    {
        lock (_lock) _retired.Enqueue((_current++, release));
        ReleaseUnused();
    }

    /// <summary>Completes when everybody has left who is inside now.</summary>
    public Task DrainAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Retire(drained.SetResult);
        return drained.Task;
    }

    /// <summary>Lets nobody in any more; the task completes when the last one has left.</summary>
    public Task CloseAsync()
    {
        lock (_lock) _isClosed = true;
        return DrainAsync();
    }

    private void ReleaseUnused()
    {
        while (TryTakeUnused(out var release)) release();
    }

    private bool TryTakeUnused(out Action release)
    {
        lock (_lock)
        {
            release = static () => { };
            if (!_retired.TryPeek(out var oldest)) return false;
            foreach (var epoch in _inside.Keys)
            {
                if (epoch <= oldest.Epoch) return false;
                break;
            }

            release = _retired.Dequeue().Release;
            return true;
        }
    }
}
