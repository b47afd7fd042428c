using Microsoft.Extensions.Logging;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Makes one block of several, or a smaller one of a block of which much is deleted. For one thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>The planner chooses the parents.</item>
/// <item>Their series are merged as they are read, and written as a new block, which names its parents.</item>
/// <item>The new block takes the place of its parents in one step for queries. On disk it is there before they are
/// deleted; a start that finds both deletes the parents.</item>
/// </list>
/// So a crash leaves either the parents or the result. Memory is bounded by the largest series, and a few bytes per
/// series and symbol. While it pauses blocks may appear, also such that overlap the parents: the next plan has them.
/// </remarks>
internal sealed class BlockCompactor
{
    private readonly BlockSet _blocks;
    private readonly NewBlocks _newBlocks;
    private readonly CompactionPlanner _planner;
    private readonly CompactionMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly HashSet<Ulid> _unreadable = [];
    private Ulid? _emptyBorder;

    public BlockCompactor(
        BlockSet blocks,
        NewBlocks newBlocks,
        CompactionPlanner planner,
        CompactionMetrics metrics,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _blocks = blocks;
        _newBlocks = newBlocks;
        _planner = planner;
        _metrics = metrics;
        _logger = logger;
        _timeProvider = timeProvider;
    }

    /// <summary>Does the next compaction, if there is one. The caller holds <see cref="BlockSet.Changes"/>.</summary>
    /// <param name="pause">
    /// Called often, on the same thread. It may publish new blocks, but must not remove any. When it fails so does the
    /// compaction.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>False when there is nothing to do.</returns>
    /// <exception cref="DiskFullException">There was no room; all is as it was.</exception>
    /// <exception cref="IOException">The disk or the pause failed; all is as it was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; all is as it was.</exception>
    public bool TryCompactNext(Action pause, CancellationToken cancellationToken)
    {
        var view = _blocks.Current;
        var plan = _planner.Plan([.. view.Blocks.Select(Candidate)], view.HeadMinTimeMs);
        if (plan.Count == 0) return false;
        var parents = plan.Select(chosen => view.Blocks.First(block => block.Meta.Id == chosen.Id)).ToList();
        try
        {
            Compact(parents, () => Run(pause), cancellationToken);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            // Tried again it would fail again. Queries read what can be read of them.
            _metrics.AddFailed();
            CompactionLog.ParentsUnreadable(_logger, Names(parents), error);
            foreach (var parent in parents) MarkFailed(parent);
        }

        return true;
    }

    private static string Names(IEnumerable<Block> blocks) => string.Join(' ', blocks.Select(block => block.Path));

    private static bool IsUnreadable(Exception error) => error is StorageReadException or CorruptDataException;

    // What cannot be read there are not the parents.
    private static void Run(Action pause)
    {
        try
        {
            pause();
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw new IOException("what blocks that are merged pause for has failed", error);
        }
    }

    private static bool HaveOverlap(IReadOnlyList<Block> blocks)
    {
        var endMs = long.MinValue;
        foreach (var block in blocks)
        {
            if (block.Meta.MinTimeMs < endMs) return true;
            endMs = Math.Max(endMs, block.Meta.MaxTimeMs);
        }

        return false;
    }

    private CompactionCandidate Candidate(Block block) =>
        CompactionCandidate.Of(block.Meta, block.Tombstones.IntervalCount) with
        {
            // An empty border waits for a newer block.
            IsUnreadable = _unreadable.Contains(block.Meta.Id) ||
                (block.Meta.Id == _emptyBorder && _blocks.Current.IsBorder(block)),
        };

    private void Compact(List<Block> parents, Action pause, CancellationToken cancellationToken)
    {
        var options = CompactedMeta.OfParents([.. parents.Select(parent => parent.Meta)]) with { Pause = pause };
        if (HaveOverlap(parents)) _metrics.AddVertical();
        var start = _timeProvider.GetTimestamp();
        // As Prometheus: what lies outside of its own block, but within all, is kept.
        var range = new TimeInterval(options.MinTimeMs, Math.Max(options.MinTimeMs, options.MaxTimeMs - 1));
        var block = _newBlocks.Write(
            [.. parents.Select(parent => new BlockChunkSource(parent, range))], options, cancellationToken);
        CompactionLog.Compacted(
            _logger, Names(parents), block?.Path ?? "nothing", options.MinTimeMs, options.MaxTimeMs,
            (long)_timeProvider.GetElapsedTime(start).TotalMilliseconds);

        if (block is not null)
        {
            _ = _blocks.PublishAsync([block], parents);
            return;
        }

        // Without a sample left there is no block to take their place.
        var view = _blocks.Current;
        if (parents.Find(view.IsBorder) is { } border) _emptyBorder = border.Meta.Id;
        _ = _blocks.PublishAsync([], parents.FindAll(parent => !view.IsBorder(parent)));
    }

    private void MarkFailed(Block block)
    {
        _unreadable.Add(block.Meta.Id);
        try
        {
            block.Replace(block.Meta with { Compaction = block.Meta.Compaction with { IsFailed = true } });
        }
        catch (IOException error)
        {
            CompactionLog.NotMarked(_logger, block.Path, error);
        }
    }
}
