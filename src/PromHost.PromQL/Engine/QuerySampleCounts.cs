namespace PromHost.PromQL;

/// <summary>
/// Counts samples as upstream's statistics do. Parts of a query that count differently have counts of their own, which
/// those around them include. Thread-safe, once all parts are made.
/// </summary>
internal sealed class QuerySampleCounts
{
    private readonly List<(QuerySampleCounts Part, int Times)> _parts = [];
    private long _total;
    private long _read;

    /// <summary>Samples that the evaluation looked at, again at every step.</summary>
    public long Total => Interlocked.Read(ref _total) + _parts.Sum(p => p.Part.Total * p.Times);

    /// <summary>Samples that came from the storage, each once.</summary>
    public long Read => Interlocked.Read(ref _read) + _parts.Sum(p => p.Part.Read);

    /// <summary>Makes the counts of a part.</summary>
    /// <param name="times">
    /// How often its total counts: once per step for what is evaluated once for all of them, never for a subquery whose
    /// points are counted again by the function around it.
    /// </param>
    public QuerySampleCounts AddPart(int times)
    {
        var part = new QuerySampleCounts();
        _parts.Add((part, times));
        return part;
    }

    /// <summary>Adds to both.</summary>
    public void Add(long total, long read)
    {
        Interlocked.Add(ref _total, total);
        Interlocked.Add(ref _read, read);
    }
}
