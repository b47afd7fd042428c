namespace PromHost.Storage;

/// <summary>
/// Goes with a selection into the storage: says when to give up, and takes down what the storage tells of its work.
/// Thread-safe.
/// </summary>
/// <param name="cancellation">Cancelled when nobody waits for the answer any more.</param>
public sealed class ReadWatch(CancellationToken cancellation)
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

    /// <summary>Gives up when nobody waits any more; cheap enough for a loop over values or series.</summary>
    /// <param name="step">The loop's counter.</param>
    /// <exception cref="OperationCanceledException">Nobody waits.</exception>
    public void Check(int step)
    {
        if (step % StepsBetweenChecks == 0) Cancellation.ThrowIfCancellationRequested();
    }
}
