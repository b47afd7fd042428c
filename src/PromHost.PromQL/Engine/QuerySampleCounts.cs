namespace PromHost.PromQL;

/// <summary>
/// Counts samples as upstream's statistics do. A step-invariant part and a subquery have counts of their own.
/// Thread-safe.
/// </summary>
internal sealed class QuerySampleCounts
{
    private long _total;
    private long _read;

    /// <summary>Samples that the evaluation looked at, again at every step.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Samples that came from the storage, each once.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Adds to both.</summary>
    public void Add(long total, long read)
    {
        Interlocked.Add(ref _total, total);
        Interlocked.Add(ref _read, read);
    }
}
