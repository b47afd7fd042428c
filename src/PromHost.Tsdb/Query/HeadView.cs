namespace PromHost.Tsdb;

/// <summary>A moment of the head: which series and samples a querier sees.</summary>
/// <param name="head">The head.</param>
/// <param name="commit">The last commit seen, held open in <see cref="Isolation"/>.</param>
/// <param name="minTimeMs">First timestamp of interest, inclusive.</param>
/// <param name="maxTimeMs">Last timestamp of interest, inclusive.</param>
internal sealed class HeadView(Head head, ulong commit, long minTimeMs, long maxTimeMs)
{
    /// <summary>The last commit seen.</summary>
    public ulong Commit => commit;

    /// <summary>Samples in order before it are in blocks, and read there.</summary>
    public long InOrderFromMs { get; init; } = long.MinValue;

    /// <summary>What is deleted, by the numbers that series have in the log.</summary>
    public Tombstones Tombstones { get; } = head.Tombstones.Current;

    /// <summary>The samples that came out of order.</summary>
    public OutOfOrderReader OutOfOrder { get; } = new(head, commit);

    /// <summary>Series with higher ordinals were created later.</summary>
    public int MaxOrdinal { get; } = head.Index.Ordinals.Last;

    /// <summary>Has the series a sample that the view sees, at any time?</summary>
    public bool HasSamples(int series)
    {
        head.Store.Read(series, out var snapshot);
        return (!snapshot.IsEmpty && snapshot.FirstTimeMs <= BoundOf(series, ref snapshot)) ||
            (snapshot.HasOutOfOrder && OutOfOrder.MayOverlap(series, long.MinValue, long.MaxValue));
    }

    /// <summary>
    /// May the series have a sample in the time of interest? As in Prometheus, an open chunk counts as without end.
    /// </summary>
    public bool MayHaveSamples(int series)
    {
        head.Store.Read(series, out var snapshot);
        return MayHaveInOrder(series, ref snapshot) ||
            (snapshot.HasOutOfOrder && OutOfOrder.MayOverlap(series, minTimeMs, maxTimeMs));
    }

    /// <summary>What is deleted of a series.</summary>
    public ReadOnlySpan<TimeInterval> DeletedOf(int series) =>
        Tombstones.IsEmpty ? [] : Tombstones.Of(head.Store.State(series).WalRef);

    private bool MayHaveInOrder(int series, ref SeriesSnapshot snapshot)
    {
        if (snapshot.IsEmpty || snapshot.NewestTimeMs < InOrderFromMs) return false;
        var lastMs = Math.Min(maxTimeMs, BoundOf(series, ref snapshot));
        if (snapshot.FirstTimeMs > lastMs) return false;
        if (snapshot.OpenCount > 0 && snapshot.OpenMinTimeMs <= lastMs) return true;
        foreach (var chunk in snapshot.Mapped.AsSpan(0, snapshot.MappedCount))
        {
            if (chunk.MinTimeMs <= lastMs && chunk.MaxTimeMs >= minTimeMs &&
                !DeletedIntervals.Cover(DeletedOf(series), chunk.MinTimeMs, chunk.MaxTimeMs))
                return true;
        }

        return false;
    }

    private long BoundOf(int series, ref SeriesSnapshot snapshot) => snapshot.LastCommit > commit
        ? head.Isolation.BoundOf(commit, series, snapshot.TimeBeforeCommitMs)
        : long.MaxValue;
}
