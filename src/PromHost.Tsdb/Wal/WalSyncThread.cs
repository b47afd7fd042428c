namespace PromHost.Tsdb;

/// <summary>
/// Makes logs survive a power cut at an interval, on a thread of its own, so that nobody who appends waits for it.
/// </summary>
/// <remarks>
/// Logs are synced in the order given, and the segments of each in theirs: what a later record needs, such as the
/// series of a sample, is never behind it. After an error nothing is synced any more: the log is closed then.
/// </remarks>
internal sealed class WalSyncThread : IDisposable
{
    private readonly IReadOnlyList<WalWriter> _logs;
    private readonly bool _onlyEnded;
    private readonly Action _synced;
    private readonly Action<Exception> _failed;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private volatile bool _isStopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="logs">The logs; one that names what another holds comes after it.</param>
    /// <param name="options">How often; without an interval only segments that have ended are synced.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="synced">Called on the thread when something was synced.</param>
    /// <param name="failed">Called on the thread, once, when it failed.</param>
    public WalSyncThread(
        IReadOnlyList<WalWriter> logs,
        DatabaseOptions options,
        TimeProvider timeProvider,
        Action synced,
        Action<Exception> failed)
    {
        _logs = logs;
        _onlyEnded = options.WalSync != WalSyncPolicy.Interval;
        _synced = synced;
        _failed = failed;
        _thread = new Thread(Run) { Name = "tsdb-wal-sync", IsBackground = true };
        _thread.Start();
        _timer = timeProvider.CreateTimer(
            static state => ((AutoResetEvent)state!).Set(), _wake, options.WalSyncInterval, options.WalSyncInterval);
    }

    /// <summary>Ends the thread, and waits for a sync that is under way.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _isStopping = true;
        _wake.Set();
        _thread.Join();
        // Not disposed of: a timer that fires late may still set it.
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                _wake.WaitOne();
                if (_isStopping) return;
                Sync();
            }
        }
        catch (Exception error)
        {
            _failed(error);
        }
    }

    private void Sync()
    {
        var any = false;
        foreach (var log in _logs) any |= _onlyEnded ? log.SyncEnded() : log.SyncFlushed();
        if (any) _synced();
    }
}
