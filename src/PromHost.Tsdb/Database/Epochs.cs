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

    private readonly Queue<(long Epoch, Action Release)> _retired = new();

    // How many are inside by the epoch of entering, from the oldest one that somebody is in (or the current one) to the
    // current one: a ring, because batches come and go by the thousand per second.
    private int[] _inside = new int[16];
    private long _oldest = 1;
    private long _current = 1;
    private bool _isClosed;

    /// <summary>Those inside.</summary>
    public int InsideCount
    {
        get
        {
            lock (_lock) return _inside.Sum();
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
            CountOf(_current)++;
            return _current;
        }
    }

    /// <summary>Leaves an epoch, once per <see cref="Enter"/>. What nobody holds any more is released here.</summary>
    public void Leave(long epoch)
    {
        lock (_lock)
        {
            CountOf(epoch)--;
            while (_oldest < _current && CountOf(_oldest) == 0) _oldest++;
        }

        ReleaseUnused();
    }

    /// <summary>Releases something when everybody has left who is inside now; at once when nobody is.</summary>
    /// <param name="release">Runs once, on any thread; must be short and must not throw.</param>
    public void Retire(Action release)
    {
        lock (_lock)
        {
            _retired.Enqueue((_current, release));
            Advance();
        }

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

    private ref int CountOf(long epoch) => ref _inside[epoch & (_inside.Length - 1)];

    private void Advance()
    {
        if (_current - _oldest + 1 == _inside.Length)
        {
            var wider = new int[_inside.Length * 2];
            for (var epoch = _oldest; epoch <= _current; epoch++) wider[epoch & (wider.Length - 1)] = CountOf(epoch);
            _inside = wider;
        }

        _current++;
        while (_oldest < _current && CountOf(_oldest) == 0) _oldest++;
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
            if (!_retired.TryPeek(out var first) || first.Epoch >= _oldest) return false;
            release = _retired.Dequeue().Release;
            return true;
        }
    }
}
