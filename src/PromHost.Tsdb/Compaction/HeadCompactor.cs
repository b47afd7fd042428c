using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>Writes the head's oldest samples to blocks, and frees them in memory. For one thread.</summary>
/// <remarks>
/// <list type="number">
/// <item>When the head spans more than one and a half block ranges, no sample is taken in order any more that lies in
/// the oldest range. The batches that were decided before are waited for.</item>
/// <item>The range is written as a block.</item>
/// <item>The block is published, and in the same step the head is read from the end of the range on only.</item>
/// <item>When the queries that began before have ended, the head is truncated.</item>
/// </list>
/// A crash before the third step leaves the head as it was, in the log; after it a start takes from the log what is not
/// in blocks.
/// </remarks>
internal sealed class HeadCompactor
{
    private readonly IHeadUpkeep _upkeep;
    private readonly Head _head;
    private readonly BlockSet _blocks;
    private readonly NewBlocks _newBlocks;
    private readonly long _rangeMs;
    private readonly CompactionMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private long _truncatedToMs = long.MinValue;

    public HeadCompactor(
        IHeadUpkeep upkeep,
        BlockSet blocks,
        NewBlocks newBlocks,
        long rangeMs,
        CompactionMetrics metrics,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _upkeep = upkeep;
        _head = upkeep.Head;
        _blocks = blocks;
        _newBlocks = newBlocks;
        _rangeMs = rangeMs;
        _metrics = metrics;
        _logger = logger;
        _timeProvider = timeProvider;
    }

    /// <summary>
    /// The time that the head's newest sample must exceed for the next compaction; <see cref="long.MinValue"/>, which
    /// says nothing, while the head is empty. Cheap, and never too high.
    /// </summary>
    public long DueAtMs
    {
        get
        {
            if (_head.Appender.MaxTimeMs == long.MinValue) return long.MinValue;
            return DueAfter(Math.Max(_head.Appender.MinTimeMs, _blocks.Current.HeadMinTimeMs));
        }
    }

    /// <summary>Is there something to write, as far as can be told without a look at the series?</summary>
    public bool MayBeDue => _head.Appender.MaxTimeMs > DueAtMs;

    /// <summary>
    /// Writes the oldest range, if the head reaches far enough beyond it. The caller holds <see
    /// cref="BlockSet.Changes"/>.
    /// </summary>
    /// <returns>False when there is nothing to do.</returns>
    /// <exception cref="DiskFullException">There was no room; all is as it was.</exception>
    /// <exception cref="IOException">The disk failed; all is as it was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; it is done anew, or finished, the next time.</exception>
    public bool TryCompactNext(CancellationToken cancellationToken)
    {
        var borderMs = _blocks.Current.HeadMinTimeMs;
        Truncate(borderMs, cancellationToken);
        if (!MayBeDue) return false;
        var firstMs = FirstTimeMs(borderMs);
        if (firstMs == long.MaxValue || _head.Appender.MaxTimeMs <= DueAfter(firstMs)) return false;
        // As chunks are cut: before the epoch the ranges are aligned towards it.
        var endMs = (firstMs / _rangeMs * _rangeMs) + _rangeMs;
        _upkeep.OnCommitterAsync(static () => { }).Wait(cancellationToken);
        var block = Write(firstMs, endMs, [], isSettled: true, cancellationToken);
        _ = _blocks.PublishAsync(block is null ? [] : [block], [], endMs);
        Truncate(endMs, cancellationToken);
        return true;
    }

    /// <summary>
    /// Writes all that came in order and lies in no block yet to early blocks: they carry the hint of a part, since the
    /// head goes on to take samples of their ranges, and stays as it is. The caller holds <see
    /// cref="BlockSet.Changes"/>.
    /// </summary>
    public void CompactEarly(CancellationToken cancellationToken)
    {
        var firstMs = FirstTimeMs(_blocks.Current.HeadMinTimeMs);
        if (firstMs == long.MaxValue) return;
        // What is applied now is what the blocks hold.
        var lastMs = long.MinValue;
        _upkeep.OnCommitterAsync(() => lastMs = _head.Appender.MaxTimeMs).Wait(cancellationToken);
        while (firstMs <= lastMs)
        {
            var endMs = Math.Min((firstMs / _rangeMs * _rangeMs) + _rangeMs, lastMs + 1);
            var block = Write(
                firstMs, endMs, [BlockCompaction.FromOutOfOrder], isSettled: false, cancellationToken);
            if (block is not null) _ = _blocks.PublishAsync([block], []);
            firstMs = endMs;
        }
    }

    private long DueAfter(long firstMs)
    {
        var spanMs = _rangeMs / 2 * 3;
        return firstMs > long.MaxValue - spanMs ? long.MaxValue : firstMs + spanMs;
    }

    private long FirstTimeMs(long borderMs)
    {
        var epoch = _head.Epochs.Enter();
        try
        {
            return HeadTimes.FirstFrom(_head, borderMs);
        }
        finally
        {
            _head.Epochs.Leave(epoch);
        }
    }

    private Block? Write(
        long minTimeMs, long endMs, string[] hints, bool isSettled, CancellationToken cancellationToken)
    {
        var options = new BlockWriteOptions { MinTimeMs = minTimeMs, MaxTimeMs = endMs, Hints = hints };
        var start = _timeProvider.GetTimestamp();
        var source = new HeadChunkSource(_head, minTimeMs, endMs, only: null, isSettled);
        var block = _newBlocks.Write([source], options, cancellationToken);
        if (block is null) return null;
        CompactionLog.HeadCompacted(
            _logger, block.Path, minTimeMs, endMs, block.Meta.Stats.Series, block.Meta.Stats.Samples,
            (long)_timeProvider.GetElapsedTime(start).TotalMilliseconds);
        return block;
    }

    // Whoever saw the head before the block was published still reads what is freed here.
    private void Truncate(long borderMs, CancellationToken cancellationToken)
    {
        if (borderMs <= _truncatedToMs) return;
        _head.Epochs.DrainAsync().Wait(cancellationToken);
        _upkeep.TruncateHeadAsync(borderMs, cancellationToken).GetAwaiter().GetResult();
        _truncatedToMs = borderMs;
        _metrics.AddHeadTruncation();
    }
}
