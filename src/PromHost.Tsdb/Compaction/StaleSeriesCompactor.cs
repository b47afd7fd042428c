using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>
/// Writes series that have gone stale to early blocks and takes them out of the head, when they are a large part of it
/// (Prometheus 3.14: <c>stale_series_compaction_threshold</c>). For one thread.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The series are found whose newest sample is a stale marker and that have no sample out of order.</item>
/// <item>When there are enough of them, their samples are written to blocks that carry the hints of a part, so that no
/// server passes over the log because of them. They are published: queries see the samples in both places, once.</item>
/// <item>When all have left who do not see the blocks, the series are taken out to which nothing came meanwhile.</item>
/// </list>
/// Nothing is logged. After a start the series are in the head again as long as the log has them, and are taken out
/// anew; a tombstone could hide samples that came late to a series that was evicted.
/// </remarks>
internal sealed class StaleSeriesCompactor
{
    // As Prometheus: the usual compaction is about to free them anyway.
    private const long SoonMs = 10 * 60_000;

    private static readonly string[] Hints = [BlockCompaction.FromOutOfOrder, BlockCompaction.FromStaleSeries];

    private readonly IHeadUpkeep _upkeep;
    private readonly BlockSet _blocks;
    private readonly NewBlocks _newBlocks;
    private readonly long _rangeMs;
    private readonly double _threshold;
    private readonly CompactionMetrics _metrics;
    private readonly ILogger _logger;

    public StaleSeriesCompactor(
        IHeadUpkeep upkeep,
        BlockSet blocks,
        NewBlocks newBlocks,
        DatabaseOptions options,
        CompactionMetrics metrics,
        ILogger logger)
    {
        _metrics = metrics;
        _upkeep = upkeep;
        _blocks = blocks;
        _newBlocks = newBlocks;
        _rangeMs = (long)options.BlockRange.TotalMilliseconds;
        _threshold = options.StaleSeriesCompactionThreshold;
        _logger = logger;
    }

    /// <summary>Evicts the stale series if they are enough. The caller holds <see cref="BlockSet.Changes"/>.</summary>
    /// <param name="dueAtMs">The newest time of the head at which the usual compaction is due.</param>
    /// <param name="cancellationToken">Ends it; what was written stays, and is seen once.</param>
    /// <exception cref="IOException">The disk failed or is full; all is in the head as it was.</exception>
    public void Compact(long dueAtMs, CancellationToken cancellationToken)
    {
        var head = _upkeep.Head;
        if (_threshold <= 0 || head.Appender.MaxTimeMs > dueAtMs - SoonMs) return;
        var eviction = new SeriesEviction(head, _upkeep.OnCommitterAsync);
        eviction.FindAsync(cancellationToken).GetAwaiter().GetResult();
        var stale = eviction.Stale;
        if (stale.Count == 0 || stale.Count < _threshold * head.Table.LivingCount) return;
        _metrics.AddStaleTriggered();
        try
        {
            Evict(eviction, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _metrics.AddStaleFailed();
            throw;
        }
    }

    private void Evict(SeriesEviction eviction, CancellationToken cancellationToken)
    {
        var blocks = Write(eviction.Stale, cancellationToken);
        _ = _blocks.PublishAsync(blocks, []);
        _upkeep.Head.Epochs.DrainAsync().Wait(cancellationToken);
        eviction.EvictAsync(cancellationToken).GetAwaiter().GetResult();
        CompactionLog.StaleSeriesEvicted(
            _logger, eviction.EvictedCount, string.Join(", ", blocks.Select(block => block.Path)));
    }

    private List<Block> Write(
        IReadOnlyList<(int Series, long LastTimeMs)> stale, CancellationToken cancellationToken)
    {
        var blocks = new List<Block>();
        try
        {
            var (firstMs, lastMs) = SpanOf(stale);
            while (firstMs <= lastMs)
            {
                var endMs = Math.Min(TimeRanges.EndOf(firstMs, _rangeMs), lastMs + 1);
                var options = new BlockWriteOptions { MinTimeMs = firstMs, MaxTimeMs = endMs, Hints = Hints };
                var source = new HeadChunkSource(
                    _upkeep.Head, firstMs, endMs, stale.Select(one => one.Series));
                if (_newBlocks.Write([source], options, cancellationToken) is { } block) blocks.Add(block);
                firstMs = endMs;
            }

            return blocks;
        }
        catch
        {
            foreach (var block in blocks) _newBlocks.Discard(block);
            throw;
        }
    }

    // What is before the head's lower bound is in blocks.
    private (long FirstMs, long LastMs) SpanOf(IReadOnlyList<(int Series, long LastTimeMs)> stale)
    {
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var (series, lastTimeMs) in stale)
        {
            _upkeep.Head.Store.Read(series, out var snapshot);
            first = Math.Min(first, snapshot.FirstTimeMs);
            last = Math.Max(last, lastTimeMs);
        }

        return (Math.Max(first, _blocks.Current.HeadMinTimeMs), last);
    }
}
