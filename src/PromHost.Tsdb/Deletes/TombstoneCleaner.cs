using Microsoft.Extensions.Logging;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Writes blocks anew without what is deleted of them, one after the other: at no time is there more than one block
/// twice on the disk.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="blocks">The blocks.</param>
/// <param name="writer">Writes blocks.</param>
/// <param name="logger">Told of what cannot be removed.</param>
internal sealed class TombstoneCleaner(IDataDirectory directory, BlockSet blocks, BlockWriter writer, ILogger logger)
{
    /// <summary>The blocks that have tombstones now.</summary>
    public IReadOnlyList<Ulid> FindBlocks() =>
        [.. blocks.Current.Blocks.Where(block => !block.Tombstones.IsEmpty).Select(block => block.Meta.Id)];

    /// <summary>
    /// Cleans a block, if it is there and has tombstones. One that nothing is left of is removed, unless it tells where
    /// the head takes over: then it stays as it is until there is a newer one. The caller holds <see
    /// cref="BlockSet.Changes"/>.
    /// </summary>
    /// <param name="id">The block.</param>
    /// <param name="cancellationToken">Gives up; all is as it was then.</param>
    /// <returns>Completes when the old block is gone from the disk.</returns>
    /// <exception cref="StorageReadException">The block is damaged.</exception>
    /// <exception cref="IOException">The new block cannot be written.</exception>
    public Task Clean(Ulid id, CancellationToken cancellationToken)
    {
        // Meanwhile it may have been compacted.
        var block = blocks.Current.Blocks.FirstOrDefault(block => block.Meta.Id == id);
        if (block is null || block.Tombstones.IsEmpty) return Task.CompletedTask;
        var written = Write(block, cancellationToken);
        if (written is not null) return blocks.PublishAsync([Open(written.Id)], [block]);
        // Without a sample left there is no block to take its place.
        return blocks.Current.IsBorder(block) ? Task.CompletedTask : blocks.PublishAsync([], [block]);
    }

    private BlockMeta? Write(Block block, CancellationToken cancellationToken)
    {
        // As Prometheus: the parent is named, so that a start after a crash deletes it.
        var meta = block.Meta;
        var options = new BlockWriteOptions
        {
            MinTimeMs = meta.MinTimeMs,
            MaxTimeMs = meta.MaxTimeMs,
            Parents = [new BlockParent(meta.Id, meta.MinTimeMs, meta.MaxTimeMs)],
            Hints = meta.Compaction.Hints,
        };
        using var source = new BlockChunkSource(block);
        return writer.Write(source, options, cancellationToken);
    }

    private Block Open(Ulid id)
    {
        try
        {
            return blocks.Open(id.ToString());
        }
        catch
        {
            // Else a start would take it in the place of its parent.
            BlockLoad.Delete(directory, id.ToString(), logger);
            throw;
        }
    }
}
