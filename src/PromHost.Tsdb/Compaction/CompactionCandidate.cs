namespace PromHost.Tsdb;

/// <summary>What the planner needs to know of a block.</summary>
/// <param name="Id">Its ULID.</param>
/// <param name="MinTimeMs">First timestamp, inclusive.</param>
/// <param name="MaxTimeMs">Last timestamp, exclusive.</param>
internal readonly record struct CompactionCandidate(string Id, long MinTimeMs, long MaxTimeMs)
{
    /// <summary>Its series.</summary>
    public long SeriesCount { get; init; }

    /// <summary>Its tombstones.</summary>
    public long TombstoneCount { get; init; }

    /// <summary>Does it carry a hint that it does not hold every sample of its range (Prometheus: out-of-order,
    /// stale series, selected series)?</summary>
    public bool IsPartial { get; init; }

    /// <summary>Did a compaction of it fail, as its <c>meta.json</c> says?</summary>
    public bool IsFailed { get; init; }

    /// <summary>Did a compaction of it fail in this process, for a reason that a retry does not heal?</summary>
    public bool IsUnreadable { get; init; }
}
