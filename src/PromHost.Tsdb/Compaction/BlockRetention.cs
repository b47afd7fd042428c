using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>Deletes the blocks that are not to be kept. For one thread.</summary>
/// <param name="directory">The data directory.</param>
/// <param name="blocks">Its blocks.</param>
/// <param name="retention">The rules.</param>
/// <param name="metrics">Where it is counted.</param>
/// <param name="logger">Told what is deleted.</param>
internal sealed class BlockRetention(
    IDataDirectory directory, BlockSet blocks, Retention retention, CompactionMetrics metrics, ILogger logger)
{
    // What Prometheus counts as the head.
    private static readonly string[] HeadDirectories = ["wal", "wbl", "chunks_head"];

    /// <summary>
    /// Takes the blocks out of sight; they are gone from the disk when the last query has left them. The caller holds
    /// <see cref="BlockSet.Changes"/>.
    /// </summary>
    /// <exception cref="IOException">The head's files cannot be counted.</exception>
    public void Apply()
    {
        var view = blocks.Current;
        if (view.Blocks.Count == 0) return;
        var needsSize = retention.SizeBytes > 0 || retention.Percentage > 0;
        var verdict = retention.Judge(
            view.Blocks.Select(block => new RetainedBlock(block.Meta.Id, block.Meta.MaxTimeMs, block.SizeBytes)),
            needsSize ? HeadDirectories.Sum(path => DirectorySize.Of(directory, path)) : 0,
            retention.Percentage > 0 ? directory.Space.TotalBytes : 0);
        var doomed = verdict.All.ToHashSet();
        if (doomed.Count == 0) return;
        metrics.Add(verdict);
        var removed = view.Blocks.Where(block => doomed.Contains(block.Meta.Id)).ToList();
        CompactionLog.Retired(logger, string.Join(' ', removed.Select(block => block.Path)));
        _ = blocks.PublishAsync([], removed);
    }
}
