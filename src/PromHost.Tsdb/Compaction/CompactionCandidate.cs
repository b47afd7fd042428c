namespace PromHost.Tsdb;

/// <summary>What the planner needs to know of a block.</summary>
/// <param name="Id">Its name.</param>
/// <param name="MinTimeMs">First timestamp, inclusive.</param>
/// <param name="MaxTimeMs">Last timestamp, exclusive.</param>
internal readonly record struct CompactionCandidate(Ulid Id, long MinTimeMs, long MaxTimeMs)
{
    /// <summary>Its series.</summary>
    public long SeriesCount { get; init; }

    /// <summary>Its tombstones.</summary>
    public long TombstoneCount { get; init; }

    /// <summary>Does it carry a hint that it does not hold every sample of its range?</summary>
    public bool IsPartial { get; init; }

    /// <summary>Did a compaction of it fail, as its <c>meta.json</c> says?</summary>
    public bool IsFailed { get; init; }

    /// <summary>Did a compaction of it fail in this process, for a reason that a retry does not heal?</summary>
    public bool IsUnreadable { get; init; }

    /// <summary>What its <c>meta.json</c> says.</summary>
    /// <param name="meta">The meta data.</param>
    /// <param name="tombstoneCount">Its tombstones, which may be newer.</param>
    public static CompactionCandidate Of(BlockMeta meta, long tombstoneCount) =>
        new(meta.Id, meta.MinTimeMs, meta.MaxTimeMs)
        {
            SeriesCount = meta.Stats.Series,
            TombstoneCount = tombstoneCount,
            IsPartial = meta.Compaction.IsPartial(),
            IsFailed = meta.Compaction.IsFailed,
        };
}
