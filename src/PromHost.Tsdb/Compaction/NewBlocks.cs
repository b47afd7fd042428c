using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>Writes blocks and opens them, ready to be published. For one thread.</summary>
/// <param name="directory">The data directory.</param>
/// <param name="blocks">Where they will belong.</param>
/// <param name="writer">Writes them.</param>
/// <param name="rules">How samples are encoded anew.</param>
/// <param name="metrics">Where they are counted.</param>
/// <param name="logger">Told of what cannot be removed.</param>
internal sealed class NewBlocks(
    IDataDirectory directory,
    BlockSet blocks,
    BlockWriter writer,
    ChunkRules rules,
    CompactionMetrics metrics,
    ILogger logger)
{
    /// <summary>Writes a block. Unless it returns one, none is left.</summary>
    /// <param name="sources">What it is made of; disposed.</param>
    /// <param name="options">What the block is to be.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The block, opened, or null when there was no sample.</returns>
    public Block? Write(
        IReadOnlyList<ChunkSeriesSource> sources, BlockWriteOptions options, CancellationToken cancellationToken)
    {
        using var run = metrics.Begin();
        using var merged = new MergedChunkSource(sources, rules);
        var meta = writer.Write(merged, options, cancellationToken);
        metrics.Add(merged);
        if (meta is null) return null;
        try
        {
            return blocks.Open(meta.Id.ToString());
        }
        catch
        {
            // Else a start would take it in the place of its parents, and perhaps a second one beside it.
            BlockLoad.Delete(directory, meta.Id.ToString(), logger);
            throw;
        }
    }

    /// <summary>Deletes a block that is not published after all.</summary>
    public void Discard(Block block)
    {
        block.Dispose();
        BlockLoad.Delete(directory, block.Path, logger);
    }
}
