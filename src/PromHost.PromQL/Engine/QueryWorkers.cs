namespace PromHost.PromQL;

/// <summary>
/// Threads of the query engine's own, so that heavy queries never take those of ingest and health checks. They are
/// started when there is work and nobody idle, up to a limit, and end after a while without work. Thread-safe.
/// </summary>
internal sealed class QueryWorkers : IDisposable
{
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly string _name;
    private readonly int _limit;
    private readonly int _normalCount;
    private int _threadCount;
    private int _idleCount;
    private bool _disposed;

    /// <summary>Makes the pool; no thread is started yet.</summary>
    /// <param name="name">Name of the threads.</param>
    /// <param name="limit">At most so many threads.</param>
    /// <param name="normalCount">
    /// So many of them are as others; those beyond give way to all other threads of the process, so that many heavy
    /// queries do not make ingest and health checks wait for a processor.
    /// </param>
    public QueryWorkers(string name, int limit, int normalCount = int.MaxValue)
    {
        _normalCount = normalCount;
        _name = name;
        _limit = limit;
    }

    /// <summary>Runs the work on one of the threads as soon as one is free. The work must not throw.</summary>
    public void Post(Action work) => ObjectDisposedException.ThrowIf(!TryPost(work), this);

    /// <summary><see cref="Post"/>, unless the threads have ended.</summary>
    public bool TryPost(Action work)
    {
        ThreadStart run;
        lock (_gate)
        {
            if (_disposed) return false;
            _work.Enqueue(work);
            if (_idleCount >= _work.Count || _threadCount == _limit)
            {
                // Waiting threads sleep: one that spins takes the core from a thread that works.
                Monitor.Pulse(_gate);
                return true;
            }

            run = ++_threadCount > _normalCount ? RunBehindOthers : Run;
        }

        // Not Start: the thread must not keep the execution context of the request that needed it first.
        new Thread(run) { IsBackground = true, Name = _name }.UnsafeStart();
        return true;
    }

    /// <summary>Ends the threads once they have done the work posted so far; does not wait for them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void RunBehindOthers()
    {
        ThreadNiceness.GiveWay();
        Run();
    }

    private void Run()
    {
        while (TryTake(out var work)) work();
    }

    private bool TryTake(out Action work)
    {
        lock (_gate)
        {
            while (!_work.TryDequeue(out work!))
            {
                if (_disposed) break;
                _idleCount++;
                var awake = Monitor.Wait(_gate, s_idleTime);
                _idleCount--;
                if (!awake && _work.Count == 0) break;
            }

            if (work is null) _threadCount--;
            return work is not null;
        }
    }
}
