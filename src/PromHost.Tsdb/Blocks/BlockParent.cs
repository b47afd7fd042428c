namespace PromHost.Tsdb;

/// <summary>A block that another one was made from.</summary>
/// <param name="Id">Its name.</param>
/// <param name="MinTimeMs">First timestamp, inclusive.</param>
/// <param name="MaxTimeMs">Where its time ends, exclusive.</param>
internal readonly record struct BlockParent(Ulid Id, long MinTimeMs, long MaxTimeMs);
