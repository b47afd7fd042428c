using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// A time series database in a directory of Prometheus's format. Thread-safe. <see cref="Open(DatabaseOptions, ILogger,
/// TimeProvider)"/> takes the directory's lock and returns at once; <see cref="ReplayAsync"/> makes the database ready.
/// </summary>
public sealed class Database : IAppendable, IQuerySource, IStorageAdmin, IMetadataSource, IExemplarSource,
    IHeadUpkeep, IStorageMaintenance, IAsyncDisposable
{
    private const string WalPath = "wal";
    private const int MaxPooledBatches = 16;
    private static readonly TimeSpan NotReadyRetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan QueriersGrace = TimeSpan.FromSeconds(10);

    private readonly DatabaseOptions _options;
    private readonly IDataDirectory _directory;
    private readonly DataDirectoryLock? _lock;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly HeadReplay _replay;
    private readonly ConcurrentQueue<AppendBatch> _pool = new();
    private readonly DatabaseMetrics _metrics;
    private readonly LastSeriesRefFile _lastSeriesRef;
    private readonly CompactionTrigger _trigger = new();
    private readonly CancellationTokenSource _stopping = new();
    private HeadChunkFiles? _chunkFiles;
    private WalWriter? _wal;
    private WalWriter? _wbl;
    private DiskWatch? _disk;
    private Committer? _committer;
    private Maintenance? _maintenance;
    private HeadImageUpkeep? _image;
    private StorageChanges? _changes;
    private Task? _replayTask;
    private Task _drained = Task.CompletedTask;
    private bool _isDisposed;

    private Database(
        DatabaseOptions options,
        IDataDirectory directory,
        DataDirectoryLock? directoryLock,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _options = options;
        _directory = directory;
        _lock = directoryLock;
        _logger = logger;
        _timeProvider = timeProvider;
        Head = new Head(
            (long)options.BlockRange.TotalMilliseconds,
            new ExemplarRing(options.MaxExemplars, (long)options.OutOfOrderWindow.TotalMilliseconds))
        {
            Rules = ChunkRules.Of(options),
        };
        Damages = new DamageLedger(logger, timeProvider);
        Blocks = new BlockSet(directory, Head.Epochs, logger, Damages);
        _replay = new HeadReplay(Head, directory, Damages, logger) { Stopping = _stopping.Token };
        _lastSeriesRef = new LastSeriesRefFile(directory);
        WalTruncation = new WalTruncation(directory, WalPath, options.WalCompression, logger);
        _metrics = new DatabaseMetrics(this);
    }

    /// <summary>Has the replay finished, so that queries and writes are answered?</summary>
    public bool IsReady => Volatile.Read(ref _committer) is not null && !_isDisposed;

    internal Head Head { get; }

    /// <inheritdoc/>
    Head IHeadUpkeep.Head => Head;

    /// <inheritdoc/>
    CompactionTrigger IHeadUpkeep.Trigger => _trigger;

    internal Maintenance? Maintenance => Volatile.Read(ref _maintenance);

    internal BlockSet Blocks { get; }

    internal CommitCounters? Counters => Volatile.Read(ref _committer)?.Counters;

    internal WalPosition WblPosition => Volatile.Read(ref _committer)?.WblPosition ?? default;

    internal long WblSizeBytes => WalSegments.SizeBytes(_directory, WblReplay.Path);

    internal WalPosition WalPosition => Volatile.Read(ref _committer)?.WalPosition ?? default;

    internal TimeSpan ReplayDuration { get; private set; }

    internal WalTruncation WalTruncation { get; }

    internal DamageLedger Damages { get; }

    internal Exception? Broken => Volatile.Read(ref _committer)?.Broken;

    internal HeadImageUpkeep? Image => Volatile.Read(ref _image);

    internal HeadImageReplay ImageReplay => _replay.Image;

    internal bool HasReadLog => _replay.LogBytes > 0;

    internal DiskWatch? Disk => Volatile.Read(ref _disk);

    /// <summary>Takes the lock of a data directory, creating it when missing. Nothing is read yet.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="logger">Receives the database's messages.</param>
    /// <param name="timeProvider">The clock for syncs and durations.</param>
    /// <exception cref="DataDirectoryLockedException">Another process has the directory open.</exception>
    public static Database Open(DatabaseOptions options, ILogger logger, TimeProvider timeProvider)
    {
        var directoryLock = options.NoLockFile ? null : DataDirectoryLock.Acquire(options.DataPath);
        return new Database(options, new DataDirectory(options.DataPath), directoryLock, logger, timeProvider);
    }

    /// <summary>Reads the head from disk on a thread of its own; then the database is ready.</summary>
    /// <returns>
    /// The task of the replay; the same at every call. It fails when the directory is unusable, and with an <see
    /// cref="OperationCanceledException"/> when the database is closed meanwhile.
    /// </returns>
    public Task ReplayAsync()
    {
        lock (_pool)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _replayTask ??= Task.Factory.StartNew(
                Replay, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public IAppender CreateAppender()
    {
        Ready().ThrowIfClosed();
        _disk!.ThrowIfLow();
        if (!_pool.TryDequeue(out var batch)) batch = new AppendBatch();
        batch.Enter(Head);
        batch.KeepsStartTimestamps = _options.StoreStartTimestamps;
        return new HeadAppender(this, Head.Table, batch);
    }

    /// <inheritdoc/>
    /// <exception cref="StorageUnavailableException">Not ready yet, or closed.</exception>
    public IQuerier OpenQuerier(long minTimeMs, long maxTimeMs)
    {
        Ready();
        return new DatabaseQuerier(Head, Blocks, minTimeMs, maxTimeMs);
    }

    /// <inheritdoc/>
    public Task DeleteSeriesAsync(
        long minTimeMs,
        long maxTimeMs,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken = default)
    {
        Ready();
        return _changes!.DeleteSeriesAsync(minTimeMs, maxTimeMs, matchers, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CleanTombstonesAsync(CancellationToken cancellationToken = default)
    {
        Ready();
        return _changes!.CleanTombstonesAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public HeadStatus GetHeadStatus() => new(
        Head.Table.LivingCount,
        Head.Index.PairCount,
        Head.Appender.ChunksCreated - Head.Appender.ChunksRemoved,
        Head.Appender.MinTimeMs,
        Head.Appender.MaxTimeMs);

    /// <inheritdoc/>
    public CardinalityStatus GetCardinality(int limit)
    {
        var epoch = Head.Epochs.Enter();
        try
        {
            return CardinalityCount.Run(Head.Index, limit);
        }
        finally
        {
            Head.Epochs.Leave(epoch);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<BlockStatus> GetBlocks() => [.. Blocks.Current.Blocks.Select(block => block.Meta.ToStatus())];

    /// <inheritdoc/>
    public IReadOnlyList<MemoryUse> GetMemoryUse() =>
        StorageMemory.Of(Head, (_wal?.BufferBytes ?? 0) + (_wbl?.BufferBytes ?? 0));

    /// <inheritdoc/>
    public Task<string> SnapshotAsync(bool withHead, CancellationToken cancellationToken = default)
    {
        Ready();
        var snapshots = new SnapshotWriter(_directory, Blocks, Head, _timeProvider);
        return snapshots.RunAsync(withHead ? FreezeOutOfOrderAsync : null, cancellationToken);
    }

    /// <inheritdoc/>
    public StorageHealth GetHealth() => new(WritesRefused, Damages.CountsByKind, Damages.Entries);

    /// <inheritdoc/>
    public ReplayStatus GetReplayStatus() => _replay.Status with { Done = IsReady };

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<MetricMetadata>>> GetMetadata(string? family = null) =>
        Head.Metadata.GetMetadata(family);

    /// <inheritdoc/>
    public IReadOnlyList<SeriesExemplars> SelectExemplars(
        long minTimeMs, long maxTimeMs, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors) =>
        Head.Exemplars.SelectExemplars(minTimeMs, maxTimeMs, selectors);

    /// <summary>
    /// Gives up a replay, commits what was submitted, waits a little for open queriers, closes the files and lets go of
    /// the directory.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        // Before anything is closed that it needs.
        await StopMaintenanceAsync().ConfigureAwait(false);
        Task? replay;
        lock (_pool)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            replay = _replayTask;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (replay is not null) await replay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopMaintenanceAsync().ConfigureAwait(false);
        // Queries read mapped files: they end first, or else the files stay mapped.
        _drained = Head.Epochs.CloseAsync();
        await _drained.WaitAsync(QueriersGrace, _timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Whatever becomes of removed blocks, the files are closed.
        if (_drained.IsCompleted)
            await Blocks.RemovedAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Factory.StartNew(
            Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// Compacts now, then writes the rest of what the head holds to early blocks: the head keeps it, and goes on to
    /// take samples of their time.
    /// </summary>
    /// <exception cref="IOException">The disk failed; nothing is lost.</exception>
    /// <exception cref="StorageUnavailableException">Not ready yet, or closed.</exception>
    public Task CompactAsync()
    {
        Ready();
        return _maintenance!.CompactAsync();
    }

    /// <inheritdoc/>
    Task IHeadUpkeep.OnCommitterAsync(Action job) => Ready().InvokeAsync(job);

    /// <inheritdoc/>
    Task IHeadUpkeep.TruncateHeadAsync(long minTimeMs, CancellationToken cancellationToken) =>
        TruncateHeadAsync(minTimeMs, cancellationToken);

    /// <inheritdoc/>
    Task<bool> IHeadUpkeep.TruncateWalAsync(long minTimeMs, CancellationToken cancellationToken) =>
        TruncateWalAsync(minTimeMs, cancellationToken);

    /// <inheritdoc/>
    Task<OutOfOrderFreeze> IHeadUpkeep.FreezeOutOfOrderAsync(CancellationToken cancellationToken) =>
        FreezeOutOfOrderAsync(cancellationToken);

    /// <summary>Opens a database on a directory that a test provides, without a lock.</summary>
    internal static Database Open(
        DatabaseOptions options, IDataDirectory directory, ILogger logger, TimeProvider timeProvider) =>
        new(options, directory, null, logger, timeProvider);

    /// <summary>Commits a batch; its task is completed by the committer.</summary>
    internal ValueTask<AppendReport> Commit(AppendBatch batch)
    {
        var committer = Ready();
        Head.Metadata.RemoveKnown(batch.Metadata);
        if (batch.IsEmpty)
        {
            committer.ThrowIfClosed();
            var done = batch.Submit();
            batch.Complete();
            return done;
        }

        return SubmitTo(committer, batch);
    }

    /// <summary>
    /// Gives up what the head holds of before a time: it is in a block, and queries that read it from the head have
    /// ended. Appends and queries go on meanwhile. Not from inside an epoch, and one at a time.
    /// </summary>
    /// <exception cref="IOException">A file could not be deleted or written; it may be tried again.</exception>
    internal async Task TruncateHeadAsync(long minTimeMs, CancellationToken cancellationToken)
    {
        await HeadTruncation.RunAsync(Head, minTimeMs, Ready().InvokeAsync, cancellationToken).ConfigureAwait(false);
        Head.Tombstones.RemoveBefore(Math.Min(minTimeMs, Head.OutOfOrder.MinTimeMs));
        Head.Table.ForgetEvictedBefore(minTimeMs);
        // Before the log loses the records of series that are gone.
        _lastSeriesRef.Write(Head.Table.LastWalRef);
    }

    /// <summary>
    /// Gives up what the log holds of before a time: that is in blocks now, or not wanted. Appends go on meanwhile.
    /// </summary>
    /// <returns>True when a checkpoint took the place of the oldest segments.</returns>
    /// <exception cref="IOException">It failed and may be tried again; nothing is lost.</exception>
    internal async Task<bool> TruncateWalAsync(long minTimeMs, CancellationToken cancellationToken)
    {
        var wal = _wal!;
        var openSegment = 0;
        await CarryMetadataAsync().ConfigureAwait(false);
        // A start takes over where the blocks end, and may find chunks from there on: where all of a time was deleted
        // no block is left of it, and the deletions are still needed.
        var tombstonesFromMs = Math.Min(
            Math.Min(minTimeMs, Head.OutOfOrder.MinTimeMs), Blocks.Current.WholeBlocksEndMs);
        await Ready().InvokeAsync(() => openSegment = wal.StartSegment()).ConfigureAwait(false);
        var isShorter = await Task.Factory.StartNew(
            () => WalTruncation.Run(
                openSegment,
                new WalKept(LiveSeriesRefs.Collect(Head).Contains, minTimeMs) { TombstonesFromMs = tombstonesFromMs },
                cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).ConfigureAwait(false);
        // The image belongs to the log as it was.
        if (isShorter) _image?.Invalidate();
        return isShorter;
    }

    /// <summary>
    /// Makes chunks of all samples that came out of order so far, to be written to blocks. One at a time; appends go on
    /// meanwhile.
    /// </summary>
    /// <exception cref="IOException">The log of these samples cannot begin a segment.</exception>
    internal async Task<OutOfOrderFreeze> FreezeOutOfOrderAsync(CancellationToken cancellationToken)
    {
        var freeze = new OutOfOrderFreeze(Head, _wbl, _directory, Ready().InvokeAsync);
        await freeze.RunAsync(cancellationToken).ConfigureAwait(false);
        return freeze;
    }

    // Metadata that the log has under series that are gone is logged again under others, before it is given up.
    private async Task CarryMetadataAsync()
    {
        var committer = Ready();
        await committer.InvokeAsync(() => Head.Metadata.Sweep(Head)).ConfigureAwait(false);
        if (!Head.Metadata.IsOwing) return;
        var batch = new AppendBatch();
        batch.Enter(Head);
        try
        {
            await SubmitTo(committer, batch).ConfigureAwait(false);
        }
        finally
        {
            batch.LetGo();
        }
    }

    private static ValueTask<AppendReport> SubmitTo(Committer committer, AppendBatch batch)
    {
        var completion = batch.Submit();
        try
        {
            committer.Submit(batch);
        }
        catch
        {
            batch.LetGo();
            throw;
        }

        return completion;
    }

    /// <summary>Takes a batch back; one that somebody still has is left to the garbage collector.</summary>
    internal void Recycle(AppendBatch batch)
    {
        if (!batch.IsReusable || _pool.Count >= MaxPooledBatches) return;
        batch.Reset();
        _pool.Enqueue(batch);
    }

    private Task StopMaintenanceAsync() => Maintenance is { } maintenance
        ? Task.Factory.StartNew(
            maintenance.Dispose, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        : Task.CompletedTask;

    private string? WritesRefused
    {
        get
        {
            try
            {
                Ready().ThrowIfClosed();
                _disk!.ThrowIfLow();
                return null;
            }
            catch (StorageUnavailableException error)
            {
                return error.Message;
            }
        }
    }

    private Committer Ready()
    {
        if (_isDisposed) throw new StorageUnavailableException("the storage is shutting down", null);
        return Volatile.Read(ref _committer) ?? throw new StorageUnavailableException(
            "the storage is starting: the write-ahead log is being replayed", NotReadyRetryAfter);
    }

    private void Replay()
    {
        var start = _timeProvider.GetTimestamp();
        TsdbLog.ReplayStarts(_logger, _directory.RootPath);
        try
        {
            if (!_options.NoLockFile) new Leftovers(_directory, _logger).Remove();
            Blocks.Load();
            Head.MinValidTimeMs = Blocks.Current.HeadMinTimeMs;
            Head.Table.Reserve(_lastSeriesRef.Read(Damages));
            _chunkFiles = HeadChunkFiles.Open(_directory);
            Head.FullChunks.LateFiles = HeadChunkFiles.CreateLate(_directory);
            var blocks = Blocks.Current;
            _replay.Image.LacksEvicted = blocks.Blocks.Any(block => EvictedSeriesLoad.HoldsEvicted(block, blocks));
            _replay.Run(_chunkFiles);
            EvictedSeriesLoad.Run(Head, Blocks.Current);
            foreach (var removed in ForeignHeadState.Remove(_directory)) TsdbLog.ForeignStateRemoved(_logger, removed);
            _wal = WalWriter.Open(_directory, WalPath, _options.WalSegmentBytes, _options.WalCompression);
            if (_replay.HasLostRecords)
                HeadImageLog.LoggedAgain(_logger, SeriesRelog.Run(Head, _directory, WalPath, _wal));
            // One that is there is kept until it is compacted, also without a window.
            if (_options.OutOfOrderWindow > TimeSpan.Zero || WalSegments.List(_directory, WblReplay.Path).Count > 0)
            {
                _wbl = WalWriter.Open(
                    _directory, WblReplay.Path, _options.WalSegmentBytes, _options.WalCompression);
            }

            Volatile.Write(ref _disk, new DiskWatch(_directory, _options, _logger, _timeProvider));
            ReplayDuration = _timeProvider.GetElapsedTime(start);
            TsdbLog.ReplayDone(
                _logger,
                Head.Table.LivingCount,
                _replay.Samples,
                _replay.Chunks,
                (long)ReplayDuration.TotalMilliseconds);
            var committer = new Committer(Head, _wal, _wbl, _options, _logger, _timeProvider) { Trigger = _trigger };
            _changes = new StorageChanges(
                _directory,
                Head,
                Blocks,
                committer,
                cancellationToken => _maintenance!.CompactOutOfOrder(cancellationToken),
                _logger,
                _timeProvider);
            if (_options.IsHeadImageWritten)
            {
                var read = (_replay.Image.Used, _replay.LogBytes);
                _image = new HeadImageUpkeep(
                    Head, _directory, WalPath, committer, read, _logger, _timeProvider);
                committer.Image = _image;
                if (_replay.HasLostRecords) _image.Invalidate();
            }

            Volatile.Write(ref _committer, committer);
            Volatile.Write(
                ref _maintenance, new Maintenance(this, _directory, Blocks, _options, _logger, _timeProvider));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            TsdbLog.ReplayFailed(_logger, error);
            throw;
        }
    }

    private void Close()
    {
        try
        {
            _disk?.Dispose();
            _image?.Dispose();
            _committer?.Dispose();
            _image?.WriteLast();
            _wal?.Dispose();
            _wbl?.Dispose();
            if (_drained.IsCompleted) Blocks.Dispose();
            if (_drained.IsCompleted) Head.FullChunks.LateFiles?.Dispose();
            if (_drained.IsCompleted) _chunkFiles?.Dispose();
            else _chunkFiles?.Sync();
        }
        catch (IOException error)
        {
            TsdbLog.CloseFailed(_logger, error);
        }
        finally
        {
            _metrics.Dispose();
            _stopping.Dispose();
            _lock?.Dispose();
        }
    }
}
