namespace PromHost.Tsdb;

/// <summary>What a block that is made of others says of itself, as in Prometheus.</summary>
internal static class CompactedMeta
{
    private static readonly string[] PartialHints =
        [BlockCompaction.FromOutOfOrder, BlockCompaction.FromSelectedSeries, BlockCompaction.FromStaleSeries];

    /// <summary>Says a hint that the block does not hold every sample of its range?</summary>
    public static bool IsPartial(this BlockCompaction compaction) => compaction.Hints.Any(IsPartialHint);

    /// <summary>What is written when a block is made of others.</summary>
    /// <param name="parents">The others, ascending by their start; one at least.</param>
    public static BlockWriteOptions OfParents(IReadOnlyList<BlockMeta> parents) => new()
    {
        MinTimeMs = parents.Min(parent => parent.MinTimeMs),
        MaxTimeMs = parents.Max(parent => parent.MaxTimeMs),
        Level = parents.Max(parent => parent.Compaction.Level) + 1,
        Sources = [.. parents.SelectMany(parent => parent.Compaction.Sources)],
        Parents = [.. parents.Select(parent => new BlockParent(parent.Id, parent.MinTimeMs, parent.MaxTimeMs))],
        Hints = HintsOf(parents),
    };

    private static bool IsPartialHint(string hint) => PartialHints.Contains(hint, StringComparer.Ordinal);

    // A block with all samples of its range makes that of the merged one whole.
    private static string[] HintsOf(IReadOnlyList<BlockMeta> parents) =>
        parents.All(parent => parent.Compaction.IsPartial())
            ? [.. PartialHints.Where(hint => parents.Any(parent => parent.Compaction.HasHint(hint)))]
            : [];
}
