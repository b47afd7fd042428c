namespace PromHost.Storage;

/// <summary>
/// Goes with a selection into the storage: says when to give up and how much memory may be taken, and takes down what
/// the storage tells of its work. Thread-safe, but for <see cref="Hold"/>.
/// </summary>
/// <param name="cancellation">Cancelled when nobody waits for the answer any more.</param>
/// <param name="hold">Accounts for bytes, or refuses them by throwing; null: nobody counts.</param>
public sealed class ReadWatch(CancellationToken cancellation, Action<long>? hold = null)
{
    // Looks at a value of a label, or steps of similar cost, between two looks at the token.
    private const int StepsBetweenChecks = 512;

    private long _cacheHits;
    private long _cacheMisses;

    /// <summary>Cancelled when nobody waits for the answer any more.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Lookups that a cache of the storage answered.</summary>
    public long CacheHits => Interlocked.Read(ref _cacheHits);

    /// <summary>Lookups that no cache could answer.</summary>
    public long CacheMisses => Interlocked.Read(ref _cacheMisses);

    /// <summary>Takes down a lookup in a cache.</summary>
    public void CountLookup(bool isHit) => Interlocked.Increment(ref isHit ? ref _cacheHits : ref _cacheMisses);

    /// <summary>
    /// Asks for memory that a selection keeps until it is disposed, before it is allocated; on the thread that selects.
    /// </summary>
    /// <param name="bytes">How much more.</param>
    public void Hold(long bytes) => hold?.Invoke(bytes);

    /// <summary>Gives up when nobody waits any more; cheap enough for a loop over values or series.</summary>
    /// <param name="step">The loop's counter.</param>
    /// <exception cref="OperationCanceledException">Nobody waits.</exception>
    public void Check(int step)
    {
        if (step % StepsBetweenChecks == 0) Cancellation.ThrowIfCancellationRequested();
    }
}
