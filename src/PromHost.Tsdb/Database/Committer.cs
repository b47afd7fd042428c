// Hot path: every batch passes through this thread.
using Microsoft.Extensions.Logging;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The one thread that writes: it takes the batches that wait, decides, logs and applies them as one group, and
/// completes their tasks. All waiting for the disk happens here, but for syncs at an interval (<see
/// cref="WalSyncThread"/>). Thread-safe to its callers.
/// </summary>
internal sealed class Committer : IDisposable
{
    private readonly Head _head;
    private readonly WalWriter _wal;
    private readonly WalWriter? _wbl;
    private readonly DatabaseOptions _options;
    private readonly ILogger _logger;
    private readonly CommitGroup _group;
    private readonly MetadataCommit _metadata;
    private readonly ExemplarCommit _exemplars;
    private readonly ByteWriter _record = new(64 * 1024);
    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly Thread _thread;
    private readonly WalSyncThread? _syncThread;
    private readonly Queue<(Action Job, TaskCompletionSource Done)> _jobs = new();
    private List<AppendBatch> _waiting = [];
    private List<AppendBatch> _taken = [];
    private ulong _commit;
    private bool _isStopping;
    private bool _isUnsynced;
    private bool _isDiskFull;
    private Exception? _broken;
    private HeadImageUpkeep? _image;

    public Committer(
        Head head,
        WalWriter wal,
        WalWriter? wbl,
        DatabaseOptions options,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _head = head;
        _wal = wal;
        _wbl = wbl;
        _options = options;
        _logger = logger;
        _group = new CommitGroup(
            head, (long)options.OutOfOrderWindow.TotalMilliseconds, options.StoreStartTimestamps);
        _metadata = new MetadataCommit(head);
        _exemplars = new ExemplarCommit(head);
        if (options.WalSync != WalSyncPolicy.Always)
        {
            IReadOnlyList<WalWriter> logs = wbl is null ? [wal] : [wal, wbl];
            _syncThread = new WalSyncThread(logs, options, timeProvider, Counters.AddWalSync, Close);
        }

        _thread = new Thread(Run) { Name = "tsdb-committer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Told how far the head reaches; null: nobody is.</summary>
    public CompactionTrigger? Trigger { get; init; }

    /// <summary>Told how far the log reaches; null: nobody is.</summary>
    public HeadImageUpkeep? Image
    {
        get => Volatile.Read(ref _image);
        set => Volatile.Write(ref _image, value);
    }

    /// <summary>What was done so far.</summary>
    public CommitCounters Counters { get; } = new();

    /// <summary>Where the out-of-order log ends.</summary>
    public WalPosition WblPosition => _wbl?.Position ?? default;

    /// <summary>Where the WAL ends.</summary>
    public WalPosition WalPosition => _wal.Position;

    /// <summary>The error that closed the database for writes, or null.</summary>
    public Exception? Broken => Volatile.Read(ref _broken);

    /// <summary>Gives a batch to the committer, which completes it.</summary>
    /// <exception cref="StorageUnavailableException">The database takes no writes.</exception>
    public void Submit(AppendBatch batch)
    {
        ThrowIfClosed();
        lock (_lock)
        {
            if (_isStopping) throw new StorageUnavailableException("the storage is shutting down", null);
            _waiting.Add(batch);
            if (_waiting.Count == 1) _wake.Set();
        }
    }

    /// <summary>
    /// Runs something on the committer's thread, between two groups of batches, where it may change what only that
    /// thread changes. Appends wait meanwhile: a long work is cut into jobs of a few milliseconds.
    /// </summary>
    /// <returns>Completes when the job has run; fails with what it threw.</returns>
    /// <exception cref="StorageUnavailableException">The committer is stopping.</exception>
    public Task InvokeAsync(Action job)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isStopping) throw new StorageUnavailableException("the storage is shutting down", null);
            _jobs.Enqueue((job, done));
            _wake.Set();
        }

        return done.Task;
    }

    /// <summary>Writes what is deleted to the WAL and then makes it so, between two groups of batches.</summary>
    /// <param name="tombstones">What is deleted.</param>
    /// <param name="apply">Runs when the log has it.</param>
    /// <returns>Fails with a <see cref="StorageUnavailableException"/> when the log cannot be written.</returns>
    public Task LogAsync(ReadOnlyMemory<WalTombstone> tombstones, Action apply) => InvokeAsync(() =>
    {
        ThrowIfClosed();
        _record.Clear();
        WalRecordEncoder.Encode(tombstones.Span, _record);
        try
        {
            _wal.Append(_record.WrittenSpan);
            _wal.Flush();
            _isUnsynced = true;
            if (_options.WalSync == WalSyncPolicy.Always) SyncNow();
        }
        catch (DiskFullException error)
        {
            _wal.DiscardPending();
            throw Full(error);
        }
        catch (WalBrokenException error)
        {
            Close(error);
            throw Closed(error);
        }

        apply();
    });

    /// <summary>Throws when the database takes no writes.</summary>
    public void ThrowIfClosed()
    {
        if (Broken is { } error) throw Closed(error);
    }

    /// <summary>Commits what waits, syncs and ends the thread. Blocks until then.</summary>
    public void Dispose()
    {
        _syncThread?.Dispose();
        lock (_lock) _isStopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
        _record.Dispose();
    }

    private static StorageUnavailableException Closed(Exception error) =>
        new($"the storage is closed for writes after an error: {error.Message}", null, error);

    private StorageUnavailableException Full(DiskFullException error) => new(
        "no space left on device: the storage takes no writes until there is room",
        _options.DiskFullRetryAfter,
        error);

    private void Run()
    {
        while (true)
        {
            bool isLast;
            lock (_lock)
            {
                (_waiting, _taken) = (_taken, _waiting);
                isLast = _isStopping && _taken.Count == 0 && _jobs.Count == 0;
            }

            CommitTaken();
            RunJob();
            Image?.Observe(_wal.Position);
            if (isLast) break;
            if (!HasWork()) _wake.WaitOne();
        }

        if (_options.WalSync != WalSyncPolicy.Never) SyncWal();
    }

    // One at a time: batches that came meanwhile go first.
    private void RunJob()
    {
        (Action Job, TaskCompletionSource Done) next;
        lock (_lock)
        {
            if (!_jobs.TryDequeue(out next)) return;
        }

        try
        {
            next.Job();
            next.Done.SetResult();
        }
        catch (Exception error)
        {
            next.Done.SetException(error);
        }
    }

    private bool HasWork()
    {
        lock (_lock) return _waiting.Count > 0 || _jobs.Count > 0 || _isStopping;
    }

    private void CommitTaken()
    {
        var batches = _taken;
        var start = 0;
        while (start < batches.Count)
        {
            var samples = 0;
            var end = start;
            do samples += batches[end++].Count;
            while (end < batches.Count && samples + batches[end].Count <= _options.MaxGroupSamples);
            CommitGroup(batches, start, end);
            start = end;
        }

        batches.Clear();
    }

    private void CommitGroup(List<AppendBatch> batches, int start, int end)
    {
        StorageUnavailableException? failure;
        try
        {
            failure = Broken is { } error ? Closed(error) : TryCommit(batches, start, end);
        }
        catch (Exception error)
        {
            // A defect: chunks and log may differ now, so nothing more is written over them.
            Close(error);
            failure = Closed(error);
        }

        for (var i = start; i < end; i++)
        {
            if (failure is null) Counters.Add(batches[i].Report);
            if (failure is null) batches[i].Complete();
            else batches[i].Fail(failure);
        }
    }

    private StorageUnavailableException? TryCommit(List<AppendBatch> batches, int start, int end)
    {
        Decide(batches, start, end);
        if (_group.Count == 0 && !_metadata.HasRecords && !_exemplars.HasRecords)
        {
            _metadata.Apply();
            return null;
        }

        if (TryLog() is { } failure)
        {
            Counters.AddWalFailure();
            return failure;
        }

        var oldestView = _head.Isolation.BeginCommit();
        _head.Appender.Begin(++_commit, oldestView);
        _group.Apply(_head.Appender, _commit, oldestView);
        _exemplars.Apply();
        _metadata.Apply();
        _head.Isolation.Publish(_commit);
        Trigger?.Observe(_head.Appender.MaxTimeMs);
        Counters.AddGroup(_group);
        return null;
    }

    private void Decide(List<AppendBatch> batches, int start, int end)
    {
        _group.Clear();
        _metadata.Clear();
        _exemplars.Clear();
        for (var i = start; i < end; i++)
        {
            _group.Decide(batches[i]);
            _exemplars.Decide(batches[i], _group);
            _metadata.Decide(batches[i]);
        }

        _metadata.Settle(_group.NewSeries);
    }

    private void Revert()
    {
        _group.Revert();
        _metadata.Revert();
        _exemplars.Clear();
    }

    private StorageUnavailableException? TryLog()
    {
        try
        {
            WriteLogs();
            _isUnsynced = true;
            if (_options.WalSync == WalSyncPolicy.Always) SyncNow();
            if (_isDiskFull) TsdbLog.DiskHasRoom(_logger);
            _isDiskFull = false;
            return null;
        }
        catch (DiskFullException error)
        {
            Revert();
            if (!_isDiskFull) TsdbLog.DiskFull(_logger, error);
            _isDiskFull = true;
            return Full(error);
        }
        catch (WalBrokenException error)
        {
            Revert();
            Close(error);
            return Closed(error);
        }
    }

    // Both logs or none. The WAL comes first: it holds the series that the other one names.
    private void WriteLogs()
    {
        var start = _wal.Position;
        try
        {
            _group.Log(_wal, _record);
            _exemplars.Log(_wal, _record);
            _metadata.Log(_wal, _record);
            _wal.Flush();
        }
        catch (DiskFullException)
        {
            _wal.DiscardPending();
            throw;
        }

        if (_group.OutOfOrderCount == 0) return;
        try
        {
            _group.LogOutOfOrder(_wbl!, _record);
            _wbl!.Flush();
        }
        catch (IOException error)
        {
            Counters.AddWblFailure();
            if (error is DiskFullException)
            {
                _wbl!.DiscardPending();
                _wal.TakeBack(start);
            }

            throw;
        }
    }

    private void SyncWal()
    {
        if (!_isUnsynced || Broken is not null) return;
        try
        {
            SyncNow();
        }
        catch (Exception error)
        {
            Close(error);
        }
    }

    private void SyncNow()
    {
        _wal.Sync();
        _wbl?.Sync();
        _isUnsynced = false;
        Counters.AddWalSync();
    }

    private void Close(Exception error)
    {
        if (Interlocked.CompareExchange(ref _broken, error, null) is null) TsdbLog.WritesClosed(_logger, error);
    }
}
