namespace PromHost.Tsdb;

/// <summary>The meta data of blocks that compaction makes.</summary>
internal static class CompactedMeta
{
    private static readonly string[] PartialHints =
        [BlockCompaction.FromOutOfOrder, BlockCompaction.FromSelectedSeries, BlockCompaction.FromStaleSeries];

    /// <summary>Says a hint that the block does not hold every sample of its range?</summary>
    public static bool IsPartial(this BlockCompaction compaction) => compaction.Hints.Any(IsPartialHint);

    /// <summary>The meta data of a block that is written from samples, not from blocks.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="minTimeMs">First timestamp that it may hold, inclusive.</param>
    /// <param name="maxTimeMs">Where its time ends, exclusive.</param>
    /// <param name="hints">What it carries.</param>
    public static BlockMeta OfSamples(Ulid id, long minTimeMs, long maxTimeMs, params IReadOnlyList<string> hints) =>
        new()
        {
            Id = id,
            MinTimeMs = minTimeMs,
            MaxTimeMs = maxTimeMs,
            Compaction = new BlockCompaction { Sources = [id], Hints = hints },
        };

    /// <summary>The meta data of a block that is made of others; its counts are not known yet.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="parents">The others, ascending by their start; one at least.</param>
    public static BlockMeta OfParents(Ulid id, IReadOnlyList<BlockMeta> parents) => new()
    {
        Id = id,
        MinTimeMs = parents.Min(parent => parent.MinTimeMs),
        MaxTimeMs = parents.Max(parent => parent.MaxTimeMs),
        Compaction = new BlockCompaction
        {
            Level = parents.Max(parent => parent.Compaction.Level) + 1,
            Sources = [.. parents.SelectMany(parent => parent.Compaction.Sources).Distinct().Order()],
            Parents =
            [
                .. parents.Select(parent => new BlockParent(parent.Id, parent.MinTimeMs, parent.MaxTimeMs)),
            ],
            Hints = HintsOf(parents),
        },
    };

    private static bool IsPartialHint(string hint) => PartialHints.Contains(hint, StringComparer.Ordinal);

    // A block with all samples of its range makes that of the merged one whole.
    private static string[] HintsOf(IReadOnlyList<BlockMeta> parents) =>
        parents.All(parent => parent.Compaction.IsPartial())
            ? [.. PartialHints.Where(hint => parents.Any(parent => parent.Compaction.HasHint(hint)))]
            : [];
}
