using Microsoft.Extensions.Logging;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Keeps a database in shape in the background: writes the head's oldest samples to blocks, merges blocks, deletes what
/// is not to be kept. Thread-safe.
/// </summary>
/// <remarks>
/// The head always goes first, since it grows: a merge of large blocks, which may take longer than the head takes to be
/// due again, pauses for it between two series, and goes on from there.
/// </remarks>
internal sealed class Maintenance : IDisposable
{
    private readonly IHeadUpkeep _upkeep;
    private readonly BlockSet _blocks;
    private readonly CompactionMetrics _metrics;
    private readonly HeadCompactor _head;
    private readonly OutOfOrderCompactor _outOfOrder;
    private readonly StaleSeriesCompactor _stale;
    private readonly BlockCompactor _compactor;
    private readonly BlockRetention _retention;
    private readonly ILogger _logger;
    private readonly MaintenanceLoop _loop;
    private readonly DiskReserve _reserve;
    private long _walTruncatedToMs = long.MinValue;
    private bool _isChanging;

    /// <summary>Starts the thread; the database is open.</summary>
    /// <param name="upkeep">What the database does itself.</param>
    /// <param name="directory">Its directory.</param>
    /// <param name="blocks">Its blocks, loaded.</param>
    /// <param name="options">How it is kept.</param>
    /// <param name="logger">Receives the messages.</param>
    /// <param name="timeProvider">The clock.</param>
    public Maintenance(
        IHeadUpkeep upkeep,
        IDataDirectory directory,
        BlockSet blocks,
        DatabaseOptions options,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _upkeep = upkeep;
        _blocks = blocks;
        _logger = logger;
        _metrics = new CompactionMetrics(timeProvider);
        _reserve = new DiskReserve(directory, logger);
        _reserve.Find();
        var rangeMs = (long)options.BlockRange.TotalMilliseconds;
        var planner = new CompactionPlanner(rangeMs, (long)options.MaxBlockRange.TotalMilliseconds);
        var writer = new BlockWriter(directory, timeProvider, Random.Shared);
        var newBlocks = new NewBlocks(directory, blocks, writer, ChunkRules.Of(options), _metrics, logger);
        _head = new HeadCompactor(upkeep, blocks, newBlocks, rangeMs, _metrics, logger, timeProvider);
        _outOfOrder = new OutOfOrderCompactor(upkeep, blocks, newBlocks, logger);
        _stale = new StaleSeriesCompactor(upkeep, blocks, newBlocks, options, _metrics, logger);
        _compactor = new BlockCompactor(blocks, newBlocks, planner, _metrics, logger, timeProvider);
        var retention = Retention.Of(options);
        _metrics.AddLimits(retention);
        _retention = new BlockRetention(directory, blocks, retention, _metrics, logger);
        var firstDelay = options.IsAutoCompacted
            ? MaintenanceLoop.Interval * Random.Shared.NextDouble()
            : Timeout.InfiniteTimeSpan;
        _loop = new MaintenanceLoop(RunRound, firstDelay, logger, timeProvider);
        if (options.IsAutoCompacted) upkeep.Trigger.Wake = _loop.Wake;
    }

    /// <summary>What was done so far.</summary>
    public CompactionMetrics Metrics => _metrics;

    /// <summary>Runs a round at once.</summary>
    public Task RunAsync() => _loop.InvokeAsync(RunRound);

    /// <summary>
    /// Runs a round that writes all of the head to blocks: whole ranges as ever, the rest as early blocks, which the
    /// head does not forget.
    /// </summary>
    public Task CompactAsync() => _loop.InvokeAsync(cancellationToken => RunRound(isEarly: true, cancellationToken));

    /// <summary>
    /// Writes all that came out of order to blocks. The caller holds <see cref="BlockSet.Changes"/>, and is in no
    /// epoch.
    /// </summary>
    /// <exception cref="IOException">The disk failed; nothing is lost.</exception>
    public void CompactOutOfOrder(CancellationToken cancellationToken) => _outOfOrder.Compact(cancellationToken);

    /// <summary>Cancels what runs and ends the thread. Blocks until then, a second at most.</summary>
    public void Dispose()
    {
        _upkeep.Trigger.Wake = null;
        _loop.Dispose();
        _metrics.Dispose();
    }

    private void RunRound(CancellationToken cancellationToken) => RunRound(isEarly: false, cancellationToken);

    private void RunRound(bool isEarly, CancellationToken cancellationToken)
    {
        _metrics.BeginRound();
        try
        {
            Compact(isEarly, cancellationToken);
            _reserve.Make(HeadBlockBytes());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _metrics.AddFailed();
            throw;
        }
        finally
        {
            _metrics.EndRound();
        }
    }

    private void Compact(bool isEarly, CancellationToken cancellationToken)
    {
        try
        {
            CompactHead(isEarly, cancellationToken);
            CompactBlocks(cancellationToken);
        }
        finally
        {
            _upkeep.Trigger.DueAtMs = _head.DueAtMs;
            // Also when there was no room: it makes some.
            if (!cancellationToken.IsCancellationRequested) Change(_retention.Apply, cancellationToken);
        }
    }

    // Was it due?
    private bool CompactHead(bool isEarly, CancellationToken cancellationToken)
    {
        var isDue = false;
        _reserve.Spend(() =>
        {
            while (Change(() => _head.TryCompactNext(cancellationToken), cancellationToken)) isDue = true;
            TruncateWal(cancellationToken);
            // As Prometheus: what came late to the ranges that were just written belongs to them.
            if (isDue || isEarly) Change(() => _outOfOrder.Compact(cancellationToken), cancellationToken);
            if (isEarly) Change(() => _head.CompactEarly(cancellationToken), cancellationToken);
            else Change(() => _stale.Compact(_head.DueAtMs, cancellationToken), cancellationToken);
        });
        return isDue;
    }

    // About what the head will take as a block, rather more: chunks of 120 samples, labels and postings.
    private long HeadBlockBytes()
    {
        const int ChunkBytes = 256;
        const int SeriesBytes = 256;
        const int LeastBytes = 1024 * 1024;
        var head = _upkeep.Head;
        var chunks = head.Appender.ChunksCreated - head.Appender.ChunksRemoved;
        return LeastBytes + (chunks * ChunkBytes) + ((long)head.Table.LivingCount * SeriesBytes);
    }

    private void TruncateWal(CancellationToken cancellationToken)
    {
        var borderMs = _blocks.Current.HeadMinTimeMs;
        if (borderMs <= _walTruncatedToMs) return;
        try
        {
            _reserve.Spend(() => _upkeep.TruncateWalAsync(borderMs, cancellationToken).GetAwaiter().GetResult());
            _walTruncatedToMs = borderMs;
        }
        catch (Exception error) when (error is IOException or CorruptDataException)
        {
            // It is longer than need be, that is all.
            CompactionLog.WalNotTruncated(_logger, error);
        }
    }

    private void CompactBlocks(CancellationToken cancellationToken)
    {
        while (!_head.MayBeDue && Change(() => CompactNextBlocks(cancellationToken), cancellationToken))
        {
        }
    }

    private bool CompactNextBlocks(CancellationToken cancellationToken)
    {
        var isWorthALook = true;
        return _compactor.TryCompactNext(LetHeadGoFirst, cancellationToken);

        void LetHeadGoFirst()
        {
            // A head that only seemed due is not looked through again and again.
            if (isWorthALook && _head.MayBeDue) isWorthALook = CompactHead(isEarly: false, cancellationToken);
        }
    }

    private void Change(Action change, CancellationToken cancellationToken) =>
        Change(
            () =>
            {
                change();
                return true;
            },
            cancellationToken);

    // Others who change blocks get their turn between two steps, but not while a merge pauses: they could take its
    // parents, or delete of them what it has read already.
    private bool Change(Func<bool> change, CancellationToken cancellationToken)
    {
        if (_isChanging) return change();
        _blocks.Changes.Wait(cancellationToken);
        _isChanging = true;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return change();
        }
        finally
        {
            _isChanging = false;
            _blocks.Changes.Release();
        }
    }
}
