using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Finds out at a start which series were evicted as stale, from the blocks that they were written to: a start may know
/// nothing of them when it reads an image of the head, while the log has their samples still.
/// </summary>
internal static class EvictedSeriesLoad
{
    /// <summary>May series be in a block that are in the log still, and not in the head?</summary>
    /// <param name="block">The block.</param>
    /// <param name="blocks">All blocks.</param>
    public static bool HoldsEvicted(Block block, BlockView blocks) =>
        block.Meta.MaxTimeMs > blocks.HeadMinTimeMs &&
        block.Meta.Compaction.HasHint(BlockCompaction.FromStaleSeries);

    /// <summary>Runs it, after the replay.</summary>
    /// <param name="head">The head.</param>
    /// <param name="blocks">The blocks.</param>
    public static void Run(Head head, BlockView blocks)
    {
        foreach (var block in blocks.Blocks)
        {
            if (!HoldsEvicted(block, blocks)) continue;
            try
            {
                Read(head, block);
            }
            catch (CorruptDataException)
            {
                // Whoever queries the block is told; the rest of its series are as if they had never been.
            }
        }
    }

    private static void Read(Head head, Block block)
    {
        var all = block.Index.Postings.CheckAll();
        for (var i = 0; i < all.Count; i++)
        {
            var series = block.Index.Postings.Get(all)[i];
            var entry = block.Index.ReadSeries(series);
            var labels = block.Index.ReadLabels(series, entry, out var list);
            var chunks = new SeriesChunkReader(entry[list..]);
            var lastTimeMs = long.MinValue;
            while (chunks.MoveNext()) lastTimeMs = Math.Max(lastTimeMs, chunks.Current.MaxTimeMs);
            if (head.Table.NoteEvicted(labels, lastTimeMs) is > 0 and var known &&
                head.Appender.LastTimeMs(known) == long.MinValue)
                head.Table.RecallEvicted(known);
        }
    }
}
