namespace PromHost.Tsdb;

/// <summary>The blocks at one moment, and where the head takes over. Immutable.</summary>
/// <param name="Blocks">Ascending by their first timestamp; they may overlap.</param>
/// <param name="HeadMinTimeMs">
/// The time from which the samples that came in order are read from the head: those before it are in blocks. Samples
/// that came out of order are read from the head at any time.
/// </param>
internal sealed record BlockView(IReadOnlyList<Block> Blocks, long HeadMinTimeMs)
{
    /// <summary>No block: all is in the head.</summary>
    public static BlockView Empty { get; } = new([], long.MinValue);

    /// <summary>Bytes of all blocks.</summary>
    public long SizeBytes
    {
        get
        {
            var size = 0L;
            foreach (var block in Blocks) size += block.SizeBytes;
            return size;
        }
    }

    /// <summary>
    /// Where the blocks that hold every sample of their range end (Prometheus: <c>inOrderBlocksMaxTime</c>), or
    /// <see cref="long.MinValue"/>.
    /// </summary>
    public long WholeBlocksEndMs
    {
        get
        {
            var end = long.MinValue;
            foreach (var block in Blocks)
            {
                if (!block.Meta.Compaction.IsPartial()) end = Math.Max(end, block.Meta.MaxTimeMs);
            }

            return end;
        }
    }

    /// <summary>
    /// Is it this block alone that tells a start where the head takes over? It must stay even when all of it is
    /// deleted: without it a start, ours or Prometheus's, would bring back from the log what was deleted of the blocks.
    /// </summary>
    public bool IsBorder(Block block)
    {
        var endMs = WholeBlocksEndMs;
        return TellsBorder(block) && Blocks.Count(TellsBorder) == 1;

        bool TellsBorder(Block one) => one.Meta.MaxTimeMs == endMs && !one.Meta.Compaction.IsPartial();
    }
}
