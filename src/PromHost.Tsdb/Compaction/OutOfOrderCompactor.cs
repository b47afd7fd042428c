using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>Writes the samples that came out of order to blocks, one per block range. For one thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>All samples that came until now are frozen; those that come later are not touched.</item>
/// <item>Each range is written as a block with the hint of a part.</item>
/// <item>The blocks are published together. Queries find the samples in both places for a while.</item>
/// <item>When the queries that began before have ended, head and log drop what was frozen.</item>
/// </list>
/// A crash before the last step leaves blocks and samples: merged, each sample is there once.
/// </remarks>
/// <param name="upkeep">What the database does itself.</param>
/// <param name="blocks">Its blocks.</param>
/// <param name="newBlocks">Writes the blocks.</param>
/// <param name="logger">Told of the blocks.</param>
internal sealed class OutOfOrderCompactor(IHeadUpkeep upkeep, BlockSet blocks, NewBlocks newBlocks, ILogger logger)
{
    private static readonly string[] Hints = [BlockCompaction.FromOutOfOrder];

    /// <summary>Runs it. The caller holds <see cref="BlockSet.Changes"/>.</summary>
    /// <exception cref="DiskFullException">There was no room; all is as it was.</exception>
    /// <exception cref="IOException">The disk failed; nothing is lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is lost.</exception>
    public void Compact(CancellationToken cancellationToken)
    {
        var freeze = upkeep.FreezeOutOfOrderAsync(cancellationToken).GetAwaiter().GetResult();
        if (freeze.Series.Count == 0) return;
        var written = new List<Block>();
        try
        {
            foreach (var range in freeze.Ranges)
            {
                if (Write(freeze, range, cancellationToken) is { } block) written.Add(block);
            }
        }
        catch
        {
            foreach (var block in written) newBlocks.Discard(block);
            throw;
        }

        _ = blocks.PublishAsync(written, []);
        CompactionLog.OutOfOrderCompacted(
            logger, string.Join(' ', written.Select(block => block.Path)), freeze.Series.Count,
            written.Sum(block => block.Meta.Stats.Samples));
        freeze.TruncateAsync(cancellationToken).GetAwaiter().GetResult();
    }

    private Block? Write(OutOfOrderFreeze freeze, TimeInterval range, CancellationToken cancellationToken)
    {
        var options = new BlockWriteOptions
        {
            MinTimeMs = range.MinTimeMs,
            MaxTimeMs = range.MaxTimeMs + 1,
            Hints = Hints,
        };
        return newBlocks.Write([freeze.Open(range)], options, cancellationToken);
    }
}
