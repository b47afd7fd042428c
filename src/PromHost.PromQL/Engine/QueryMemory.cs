namespace PromHost.PromQL;

/// <summary>The memory that one query holds, in bytes, on account of all queries. Thread-safe.</summary>
/// <remarks>
/// Bytes are those of arrays and label sets, counted where they are made: by the slab, the row or the batch of series,
/// never by the sample. Garbage that is not yet collected is not in them, which is why the limits are well below the
/// memory there is.
/// </remarks>
internal sealed class QueryMemory : IDisposable
{
    private readonly QueryMemoryPool _pool;
    private readonly Action _end;
    private long _heldBytes;
    private long _peakBytes;
    private int _isEnded;
    private int _isDisposed;

    /// <summary>Made by <see cref="QueryMemoryPool.Open"/>.</summary>
    /// <param name="pool">The memory of all queries.</param>
    /// <param name="limitBytes">How much the query may hold.</param>
    /// <param name="priority">For whom it is.</param>
    /// <param name="end">Ends the query, from any thread, for the sake of others.</param>
    public QueryMemory(QueryMemoryPool pool, long limitBytes, QueryPriority priority, Action end)
    {
        _pool = pool;
        _end = end;
        LimitBytes = limitBytes;
        Priority = priority;
    }

    /// <summary>How much the query may hold.</summary>
    public long LimitBytes { get; }

    /// <summary>How much all queries together may hold.</summary>
    public long PoolLimitBytes => _pool.LimitBytes;

    /// <summary>For whom the query is.</summary>
    public QueryPriority Priority { get; }

    /// <summary>Bytes held now.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Most bytes held at once.</summary>
    public long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>Was the query told to end for the sake of others?</summary>
    public bool IsEnded => Volatile.Read(ref _isEnded) != 0;

    /// <summary>Asks for memory. What is not granted does not count.</summary>
    public MemoryVerdict Hold(long bytes)
    {
        var held = Interlocked.Add(ref _heldBytes, bytes);
        if (held > LimitBytes)
        {
            Interlocked.Add(ref _heldBytes, -bytes);
            return MemoryVerdict.QueryIsFull;
        }

        if (!_pool.Hold(this, bytes))
        {
            Release(bytes);
            return MemoryVerdict.PoolIsFull;
        }

        if (held > Interlocked.Read(ref _peakBytes)) Interlocked.Exchange(ref _peakBytes, held);
        return MemoryVerdict.Granted;
    }

    /// <summary>Lets memory go.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref _heldBytes, -bytes);
        _pool.Release(bytes);
    }

    /// <summary>Lets go of all but the answer.</summary>
    /// <param name="answerBytes">What the answer holds.</param>
    public void KeepOnly(long answerBytes) => Release(HeldBytes - answerBytes);

    /// <summary>Ends the query for the sake of others; once.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0) _end();
    }

    /// <summary>Lets go of everything.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        KeepOnly(0);
        _pool.Close(this);
    }
}
