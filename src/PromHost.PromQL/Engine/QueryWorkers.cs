namespace PromHost.PromQL;

/// <summary>
/// Threads of the query engine's own, so that heavy queries never take those of ingest and health checks. They are
/// started when there is work and nobody idle, up to a limit, and end after a while without work. Thread-safe.
/// </summary>
internal sealed class QueryWorkers : IDisposable
{
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<Action> _work = new(); // what no thread has taken
    private readonly List<Worker> _idle = [];
    private readonly string _name;
    private readonly int _limit;
    private readonly int _normalCount;
    private int _threadCount;
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
        Worker worker;
        bool isNew;
        lock (_gate)
        {
            if (_disposed) return false;
            isNew = !TryTakeIdle(out worker!);
            if (isNew)
            {
                if (_threadCount == _limit)
                {
                    _work.Enqueue(work);
                    return true;
                }

                worker = new Worker { GivesWay = ++_threadCount > _normalCount };
            }

            worker.Work = work;
        }

        // Not Start: the thread must not keep the execution context of the request that needed it first.
        if (isNew) new Thread(() => Run(worker)) { IsBackground = true, Name = _name }.UnsafeStart();
        else worker.Wake.Set();
        return true;
    }

    /// <summary>Ends the threads once they have done the work posted so far; does not wait for them.</summary>
    public void Dispose()
    {
        Worker[] idle;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        foreach (var worker in idle) worker.Wake.Set();
    }

    private void Run(Worker worker)
    {
        if (worker.GivesWay) ThreadNiceness.GiveWay();
        do
        {
            worker.Work!();
            worker.Work = null;
        }
        while (TryTake(worker));
        worker.Dispose();
    }

    // Under the lock. The one that became idle last has most of what it needs in its cache; those that give way are the
    // last resort.
    private bool TryTakeIdle(out Worker? worker)
    {
        worker = null;
        if (_idle.Count == 0) return false;
        var index = Math.Max(_idle.FindLastIndex(static idle => !idle.GivesWay), 0);
        worker = _idle[index];
        _idle.RemoveAt(index);
        return true;
    }

    private bool TryTake(Worker worker)
    {
        lock (_gate)
        {
            if (_work.TryDequeue(out worker.Work)) return true;
            if (_disposed)
            {
                _threadCount--;
                return false;
            }

            _idle.Add(worker);
        }

        // Waiting threads sleep: one that spins takes the core from a thread that works. Each has an event of its own,
        // which is set outside the lock: one that is woken under it would be stopped by it at once.
        if (!worker.Wake.WaitOne(s_idleTime))
        {
            lock (_gate)
            {
                if (_idle.Remove(worker))
                {
                    _threadCount--;
                    return false;
                }
            }

            // It was chosen just now.
            worker.Wake.WaitOne();
        }

        return worker.Work is not null;
    }

    private sealed class Worker : IDisposable
    {
        public readonly AutoResetEvent Wake = new(initialState: false);
        public Action? Work;

        public bool GivesWay { get; init; }

        public void Dispose() => Wake.Dispose();
    }
}
