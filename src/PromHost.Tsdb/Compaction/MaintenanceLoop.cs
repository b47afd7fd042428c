using Microsoft.Extensions.Logging;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The one thread of a database that changes its blocks: in rounds, every minute and when woken, and in jobs that
/// somebody asks for. So no two of them run at a time. A round that fails is logged and tried again, later each time.
/// Thread-safe.
/// </summary>
internal sealed class MaintenanceLoop : IDisposable
{
    /// <summary>Time between two rounds; as Prometheus.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MinBackOff = TimeSpan.FromSeconds(1);

    private readonly Action<CancellationToken> _round;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Queue<(Action<CancellationToken> Job, TaskCompletionSource Done)> _jobs = new();
    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Thread _thread;
    private readonly ITimer _timer;
    private TimeSpan _backOff;
    private int _isWoken;
    private bool _isDue;
    private bool _isStopping;

    /// <summary>Starts the thread.</summary>
    /// <param name="round">What is done in a round; ends soon when its token is cancelled.</param>
    /// <param name="firstDelay">
    /// When the first round runs, up to <see cref="Interval"/>: chosen at random, so that the servers of a fleet do not
    /// compact at the same moment.
    /// </param>
    /// <param name="logger">Told of rounds that fail.</param>
    /// <param name="timeProvider">The clock.</param>
    public MaintenanceLoop(
        Action<CancellationToken> round, TimeSpan firstDelay, ILogger logger, TimeProvider timeProvider)
    {
        _round = round;
        _logger = logger;
        _timer = timeProvider.CreateTimer(
            static state => ((MaintenanceLoop)state!).Due(), this, firstDelay, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Run) { Name = "tsdb-maintenance", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Rounds begun.</summary>
    public long Rounds { get; private set; }

    /// <summary>Rounds that failed.</summary>
    public long FailedRounds { get; private set; }

    /// <summary>Asks for a round at once, unless the last one failed a while ago. Costs next to nothing.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _isWoken) != 0 || Interlocked.Exchange(ref _isWoken, 1) != 0) return;
        Signal();
    }

    /// <summary>Runs something on the thread, before the next round.</summary>
    /// <param name="job">The work; ends soon when its token is cancelled.</param>
    /// <returns>Completes when it has run; fails with what it threw.</returns>
    /// <exception cref="StorageUnavailableException">The loop is stopping.</exception>
    public Task InvokeAsync(Action<CancellationToken> job)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isStopping) throw Stopping();
            _jobs.Enqueue((job, done));
        }

        Signal();
        return done.Task;
    }

    /// <summary>Cancels what runs and ends the thread. Blocks until then.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isStopping) return;
            _isStopping = true;
        }

        _timer.Dispose();
        _stopping.Cancel();
        _signal.Set();
        _thread.Join();
        _signal.Dispose();
        _stopping.Dispose();
    }

    private static StorageUnavailableException Stopping() => new("the storage is shutting down", null);

    private void Due()
    {
        Volatile.Write(ref _isDue, true);
        Signal();
    }

    private void Signal()
    {
        lock (_lock)
        {
            if (!_isStopping) _signal.Set();
        }
    }

    private void Run()
    {
        while (!Volatile.Read(ref _isStopping))
        {
            while (TryTakeJob(out var job, out var done)) RunJob(job, done);
            if (TakeRound()) RunRound();
            else _signal.WaitOne();
        }

        while (TryTakeJob(out _, out var done)) done.SetException(Stopping());
    }

    private bool TryTakeJob(out Action<CancellationToken> job, out TaskCompletionSource done)
    {
        lock (_lock)
        {
            var found = _jobs.TryDequeue(out var next);
            (job, done) = next;
            return found;
        }
    }

    private void RunJob(Action<CancellationToken> job, TaskCompletionSource done)
    {
        if (_stopping.IsCancellationRequested)
        {
            done.SetException(Stopping());
            return;
        }

        try
        {
            job(_stopping.Token);
            done.SetResult();
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            done.SetException(Stopping());
        }
        catch (Exception error)
        {
            done.SetException(error);
        }
    }

    // While failures are waited out only the timer begins a round.
    private bool TakeRound()
    {
        if (Volatile.Read(ref _isStopping)) return false;
        var isDue = Volatile.Read(ref _isDue);
        if (!isDue && (_backOff > TimeSpan.Zero || Volatile.Read(ref _isWoken) == 0)) return false;
        Volatile.Write(ref _isDue, false);
        Volatile.Write(ref _isWoken, 0);
        return true;
    }

    private void RunRound()
    {
        Rounds++;
        try
        {
            _round(_stopping.Token);
            _backOff = TimeSpan.Zero;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            FailedRounds++;
            _backOff = _backOff == TimeSpan.Zero ? MinBackOff : _backOff * 2;
            if (_backOff > Interval) _backOff = Interval;
            CompactionLog.RoundFailed(_logger, error, _backOff.TotalSeconds);
        }

        _timer.Change(_backOff > TimeSpan.Zero ? _backOff : Interval, Timeout.InfiniteTimeSpan);
    }
}
