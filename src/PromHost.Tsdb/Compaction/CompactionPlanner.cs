using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// Says which blocks to compact next, as Prometheus plans (<c>tsdb/compact.go</c>, 3.14). Stateless, thread-safe.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Blocks that overlap are merged first.</item>
/// <item>Then the lowest level with something to do: the oldest window of the level's length, aligned to the epoch,
/// that holds several blocks and gets no more of them. The newest block is left alone: a backup may still take it.
/// </item>
/// <item>Then the newest long block of whose series more than 5 % are deleted is rewritten, or a shorter one that is
/// deleted as a whole.</item>
/// </list>
/// A partial block that reaches beyond the head's lower bound is an early block: merged with others it would lose its
/// hint, and Prometheus would pass over the log's samples below its end, which no block has. Until the head has moved
/// past it is only merged with early blocks that it overlaps, and keeps its hint.
/// </remarks>
internal sealed class CompactionPlanner
{
    private const int MaxLevels = 10;
    private const int LevelFactor = 3;
    private const double MaxTombstoneShare = 0.05;

    private readonly long[] _rangesMs;

    /// <summary>Plans for blocks that grow from one length to another.</summary>
    /// <param name="minRangeMs">Length of the head's blocks; above 0.</param>
    /// <param name="maxRangeMs">The most that a block may span; levels above it are left out.</param>
    public CompactionPlanner(long minRangeMs, long maxRangeMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minRangeMs);
        var ranges = new List<long> { minRangeMs };
        while (ranges.Count < MaxLevels && ranges[^1] <= maxRangeMs / LevelFactor)
            ranges.Add(ranges[^1] * LevelFactor);
        _rangesMs = [.. ranges];
    }

    /// <summary>The lengths of blocks by level, ascending.</summary>
    public ReadOnlySpan<long> RangesMs => _rangesMs;

    /// <summary>The blocks to make one of; a single one is rewritten without what is deleted.</summary>
    /// <param name="blocks">All blocks, in any order.</param>
    /// <param name="headMinTimeMs">The head's lower bound: what is older is in blocks, and nowhere else.</param>
    /// <returns>Ascending by their start; empty when there is nothing to do.</returns>
    public IReadOnlyList<CompactionCandidate> Plan(
        IReadOnlyCollection<CompactionCandidate> blocks, long headMinTimeMs)
    {
        var settled = new List<CompactionCandidate>(blocks.Count);
        var early = new List<CompactionCandidate>();
        foreach (var block in blocks.OrderBy(block => block.MinTimeMs))
            (block.IsPartial && block.MaxTimeMs > headMinTimeMs ? early : settled).Add(block);

        var plan = Overlapping(CollectionsMarshal.AsSpan(settled));
        if (plan.Length == 0) plan = Overlapping(CollectionsMarshal.AsSpan(early));
        if (plan.Length > 0 || settled.Count == 0) return plan;
        var older = CollectionsMarshal.AsSpan(settled)[..^1];
        plan = Leveled(older);
        return plan.Length > 0 ? plan : MostlyDeleted(older);
    }

    // The first run of blocks each of which begins before the end of those before it.
    private static CompactionCandidate[] Overlapping(ReadOnlySpan<CompactionCandidate> blocks)
    {
        for (var start = 0; start < blocks.Length;)
        {
            var end = start;
            var maxTimeMs = long.MinValue;
            var isReadable = true;
            do
            {
                maxTimeMs = Math.Max(maxTimeMs, blocks[end].MaxTimeMs);
                isReadable &= !blocks[end].IsUnreadable;
                end++;
            }
            while (end < blocks.Length && blocks[end].MinTimeMs < maxTimeMs);

            if (end - start > 1 && isReadable) return blocks[start..end].ToArray();
            start = end;
        }

        return [];
    }

    private CompactionCandidate[] Leveled(ReadOnlySpan<CompactionCandidate> blocks)
    {
        if (blocks.IsEmpty) return [];
        var newestMinTimeMs = blocks[^1].MinTimeMs;
        foreach (var rangeMs in _rangesMs.AsSpan(1))
        {
            var rest = blocks;
            while (!rest.IsEmpty)
            {
                var window = TakeWindow(ref rest, rangeMs);
                if (window.Length < 2 || HasFailed(window)) continue;
                var maxTimeMs = window[^1].MaxTimeMs;
                var isWhole = maxTimeMs - window[0].MinTimeMs == rangeMs;
                if (isWhole || maxTimeMs <= newestMinTimeMs) return window.ToArray();
            }
        }

        return [];
    }

    // Takes the blocks that lie in the window of the first one; none when that one does not fit into a window itself.
    private static ReadOnlySpan<CompactionCandidate> TakeWindow(
        ref ReadOnlySpan<CompactionCandidate> blocks, long rangeMs)
    {
        var endMs = TimeRanges.EndOf(blocks[0].MinTimeMs, rangeMs);
        var count = 0;
        while (count < blocks.Length && blocks[count].MaxTimeMs <= endMs) count++;
        var window = blocks[..count];
        blocks = blocks[Math.Max(count, 1)..];
        return window;
    }

    private static bool HasFailed(ReadOnlySpan<CompactionCandidate> blocks)
    {
        foreach (ref readonly var block in blocks)
        {
            if (block.IsFailed || block.IsUnreadable) return true;
        }

        return false;
    }

    private CompactionCandidate[] MostlyDeleted(ReadOnlySpan<CompactionCandidate> blocks)
    {
        for (var i = blocks.Length - 1; i >= 0; i--)
        {
            ref readonly var block = ref blocks[i];
            if (block.MaxTimeMs - block.MinTimeMs < _rangesMs[_rangesMs.Length / 2])
            {
                // Older blocks are longer, as a rule: it is not worth a look at those behind a short one.
                var isDeleted = block.TombstoneCount > 0 && block.TombstoneCount >= block.SeriesCount;
                return isDeleted && !block.IsUnreadable ? [block] : [];
            }

            var share = block.TombstoneCount / (double)(block.SeriesCount + 1);
            if (share > MaxTombstoneShare && !block.IsUnreadable) return [block];
        }

        return [];
    }
}
