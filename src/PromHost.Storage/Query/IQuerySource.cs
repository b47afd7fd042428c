namespace PromHost.Storage;

/// <summary>Something that can be queried. Thread-safe.</summary>
public interface IQuerySource
{
    /// <summary>
    /// Opens a consistent view: batches committed before the call are seen whole, later ones not at all.
    /// </summary>
    /// <param name="minTimeMs">First timestamp of interest, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp of interest, inclusive.</param>
    IQuerier OpenQuerier(long minTimeMs, long maxTimeMs);
}
