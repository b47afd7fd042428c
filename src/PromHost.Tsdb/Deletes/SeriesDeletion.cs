using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Deletes samples by saying so in tombstones: of blocks in their files, of the head in the log. Intervals are cut to
/// the samples that a series has, so that what comes later is not deleted before it is there.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="blocks">The blocks.</param>
/// <param name="committer">Who writes the log.</param>
internal sealed class SeriesDeletion(Head head, BlockSet blocks, Committer committer)
{
    // A record of some 100 KB at most.
    private const int MaxRecordTombstones = 4096;

    /// <summary>Does the head hold samples that came out of order of what is to be deleted?</summary>
    public bool FindsOutOfOrder(TimeInterval range, IReadOnlyList<LabelMatcher> matchers)
    {
        using var querier = new HeadQuerier(head, range.MinTimeMs, range.MaxTimeMs, blocks.Current.HeadMinTimeMs);
        foreach (var series in querier.Find(matchers))
        {
            var bounds = new TimeInterval(long.MaxValue, long.MinValue);
            WidenByOutOfOrder(series, ref bounds);
            if (bounds.Overlaps(range)) return true;
        }

        return false;
    }

    /// <summary>
    /// Deletes in all blocks. The caller holds <see cref="BlockSet.Changes"/>. What fails half way leaves some blocks
    /// with, some without their samples; it may be done again.
    /// </summary>
    /// <param name="range">What to delete.</param>
    /// <param name="matchers">Of series that match all of these.</param>
    /// <param name="cancellationToken">Gives up between two blocks.</param>
    /// <exception cref="StorageReadException">A block is damaged.</exception>
    /// <exception cref="IOException">The tombstones of a block cannot be written.</exception>
    public void DeleteInBlocks(
        TimeInterval range, IReadOnlyList<LabelMatcher> matchers, CancellationToken cancellationToken)
    {
        foreach (var block in blocks.Current.Blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (block.Overlaps(range.MinTimeMs, range.MaxTimeMs)) DeleteIn(block, range, matchers);
        }
    }

    /// <summary>Deletes in the head. The caller holds <see cref="BlockSet.Changes"/>.</summary>
    /// <exception cref="StorageUnavailableException">The log cannot be written.</exception>
    public async Task DeleteInHeadAsync(TimeInterval range, IReadOnlyList<LabelMatcher> matchers)
    {
        var found = FindInHead(range, matchers);
        FindEvicted(range, matchers, found);
        foreach (var record in found.Chunk(MaxRecordTombstones))
            await committer.LogAsync(record, () => head.Tombstones.Add(record)).ConfigureAwait(false);
    }

    private static TimeInterval Cut(TimeInterval range, TimeInterval bounds) => new(
        Math.Max(range.MinTimeMs, bounds.MinTimeMs), Math.Min(range.MaxTimeMs, bounds.MaxTimeMs));

    private static void DeleteIn(Block block, TimeInterval range, IReadOnlyList<LabelMatcher> matchers)
    {
        var builder = new TombstonesBuilder(block.Tombstones);
        var isChanged = false;
        try
        {
            foreach (var series in BlockMatcherPostings.Find(block.Index, matchers))
            {
                if (!TryFindBounds(block, series, range, out var bounds)) continue;
                builder.Add(series, Cut(range, bounds));
                isChanged = true;
            }
        }
        catch (CorruptDataException error)
        {
            throw block.Unreadable(error);
        }

        if (isChanged) block.Replace(builder.Build());
    }

    // The time from the first to the last sample of a series that has a chunk in the range.
    private static bool TryFindBounds(Block block, uint series, TimeInterval range, out TimeInterval bounds)
    {
        var entry = block.Index.ReadSeries(series);
        var reader = new SeriesChunkReader(entry[block.Index.SkipLabels(series, entry)..]);
        var overlaps = false;
        bounds = new TimeInterval(long.MaxValue, long.MinValue);
        while (reader.MoveNext())
        {
            var chunk = new TimeInterval(reader.Current.MinTimeMs, reader.Current.MaxTimeMs);
            overlaps |= chunk.Overlaps(range);
            Widen(ref bounds, chunk.MinTimeMs, chunk.MaxTimeMs);
        }

        if (reader.IsCorrupt) throw block.Index.Corrupt(series, "the list of chunks of a series is damaged");
        return overlaps;
    }

    private List<WalTombstone> FindInHead(TimeInterval range, IReadOnlyList<LabelMatcher> matchers)
    {
        var found = new List<WalTombstone>();
        using var querier = new HeadQuerier(head, range.MinTimeMs, range.MaxTimeMs, blocks.Current.HeadMinTimeMs);
        foreach (var series in querier.Find(matchers))
        {
            head.Store.Read(series, out var snapshot);
            if (snapshot.IsEmpty) continue;
            // What comes out of order meanwhile is not deleted: it comes later.
            var cut = Cut(range, new TimeInterval(snapshot.FirstTimeMs, snapshot.NewestTimeMs));
            if (cut.MinTimeMs <= cut.MaxTimeMs)
                found.Add(new WalTombstone(head.Store.State(series).WalRef, cut.MinTimeMs, cut.MaxTimeMs));
        }

        return found;
    }

    // The log has them still, and a start would bring them back.
    private void FindEvicted(TimeInterval range, IReadOnlyList<LabelMatcher> matchers, List<WalTombstone> found)
    {
        var view = blocks.Current;
        foreach (var block in view.Blocks)
        {
            if (!EvictedSeriesLoad.HoldsEvicted(block, view) || !block.Overlaps(range.MinTimeMs, range.MaxTimeMs))
                continue;
            foreach (var series in BlockMatcherPostings.Find(block.Index, matchers))
            {
                if (!TryFindBounds(block, series, range, out var bounds)) continue;
                var labels = block.Index.ReadLabels(series, block.Index.ReadSeries(series), out _);
                var cut = Cut(range, bounds);
                foreach (var walRef in head.Table.EvictedRefsOf(labels))
                    found.Add(new WalTombstone(walRef, cut.MinTimeMs, cut.MaxTimeMs));
            }
        }
    }

    private void WidenByOutOfOrder(int series, ref TimeInterval bounds)
    {
        if (!head.OutOfOrder.TryGet(series, out var found)) return;
        var content = found.Read(ulong.MaxValue);
        foreach (ref readonly var chunk in content.AllChunks) Widen(ref bounds, chunk.MinTimeMs, chunk.MaxTimeMs);
        foreach (ref readonly var sample in content.OpenSamples)
            Widen(ref bounds, sample.TimestampMs, sample.TimestampMs);
    }

    private static void Widen(ref TimeInterval bounds, long minTimeMs, long maxTimeMs) => bounds = new TimeInterval(
        Math.Min(bounds.MinTimeMs, minTimeMs), Math.Max(bounds.MaxTimeMs, maxTimeMs));
}
