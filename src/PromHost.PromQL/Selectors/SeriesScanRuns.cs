// Hot path: hands rows from the workers to the query's thread.
namespace PromHost.PromQL;

/// <summary>
/// The series of a scan, cut into runs that several threads evaluate ahead of the query's own thread, which takes the
/// rows in order.
/// </summary>
/// <remarks>
/// <para>
/// Runs are begun in order. At most four per worker are begun and not yet taken, which bounds the memory. The query's
/// thread never waits while there is a run to begin: it evaluates one itself. So a query makes progress even when all
/// helping threads are busy elsewhere.
/// </para>
/// <para>Invariant: a run is written by the thread that began it until it is done, and by nobody afterwards.</para>
/// </remarks>
internal sealed class SeriesScanRuns : IDisposable
{
    private const int RunsPerHelp = 4;

    private readonly object _gate = new();
    private readonly SeriesScan _scan;
    private readonly QueryContext _context;
    private readonly Run[] _ring;
    private readonly int _seriesCount;
    private readonly int _runLength;
    private readonly int _runCount;
    private readonly int _maxHelpers;
    private readonly Stack<ScanBuffer> _buffers = new(); // of helpers that went away
    private ScanBuffer? _ownBuffer;
    private Exception? _failure;
    private int _begun; // runs begun
    private int _taken; // runs whose rows are all taken
    private int _called; // helping threads that are on their way
    private int _helping; // helping threads at work
    private bool _stopped;

    public SeriesScanRuns(SeriesScan scan, QueryContext context, int seriesCount, int runLength)
    {
        _scan = scan;
        _context = context;
        _seriesCount = seriesCount;
        _runLength = runLength;
        _runCount = (seriesCount + runLength - 1) / runLength;
        _maxHelpers = context.Limits.Workers - 1;
        _ring = new Run[Math.Min(_runCount, context.Limits.Workers * 4)];
        context.HoldBytes((long)_ring.Length * runLength * SeriesRow.BytesOf(scan.Grid.Count));
        for (var i = 0; i < _ring.Length; i++) _ring[i] = new Run(runLength);
    }

    /// <summary>Takes the row of a series. Series are taken in order, each once.</summary>
    /// <param name="series">Index of the series.</param>
    /// <param name="row">Overwritten.</param>
    public void Take(int series, SeriesRow row)
    {
        var (index, position) = Math.DivRem(series, _runLength);
        var run = _ring[index % _ring.Length];
        if (position == 0)
        {
            _context.CheckEnded();
            Await(run, index);
        }

        row.TakeFrom(run.Rows[position]!);
        if (position == run.Count - 1 || series == _seriesCount - 1) Release(run);
    }

    /// <summary>Stops the helpers and waits for them; a helper ends after the run it is at.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            // Those on their way will find nothing to do, whenever they arrive.
            while (_helping > 0) Monitor.Wait(_gate);
        }
    }

    private void Await(Run run, int index)
    {
        while (true)
        {
            int mine;
            int missing;
            lock (_gate)
            {
                if (_failure is not null) throw new SeriesScanFailedException(_failure);
                missing = TakeMissingHelpers();
                var isDone = run.Done && run.Index == index;
                mine = isDone ? -1 : TryBegin();
                if (mine < 0 && missing == 0)
                {
                    if (isDone) return;
                    Monitor.Wait(_gate);
                    continue;
                }
            }

            CallHelpers(missing);
            if (mine >= 0) Evaluate(mine, _ownBuffer ??= NewBuffer());
        }
    }

    private void Release(Run run)
    {
        lock (_gate)
        {
            run.Done = false;
            _context.ReleaseBytes(run.HistogramBytes);
            run.HistogramBytes = 0;
            _taken++;
        }
    }

    // Under the lock: how many helpers are to be called. They count as called.
    private int TakeMissingHelpers()
    {
        var wanted = Math.Min(_maxHelpers, Math.Min(_runCount - _begun, _taken + _ring.Length - _begun) - 1);
        var missing = Math.Max(0, wanted - _called - _helping);
        _called += missing;
        return missing;
    }

    // Outside the lock: the first thing they need is the lock.
    private void CallHelpers(int missing)
    {
        for (var i = 0; i < missing; i++)
        {
            if (_context.Helpers!.TryPost(Help)) continue;
            lock (_gate) _called--;
        }
    }

    // Under the lock: the next run, or -1 when there is none to begin now.
    private int TryBegin()
    {
        if (_stopped || _failure is not null || _begun == _runCount || _begun - _taken == _ring.Length) return -1;
        return _begun++;
    }

    // A few runs, then back into the queue: queries share the helping threads.
    private void Help()
    {
        ScanBuffer? buffer = null;
        for (var runs = 0; ; runs++)
        {
            int mine;
            int missing;
            lock (_gate)
            {
                if (runs == 0)
                {
                    _called--;
                    _helping++;
                }

                mine = runs < RunsPerHelp ? TryBegin() : -1;
                missing = 0;
                if (mine >= 0)
                {
                    buffer ??= _buffers.TryPop(out var used) ? used : NewBuffer();
                }
                else
                {
                    if (buffer is not null) _buffers.Push(buffer);
                    _helping--;
                    if (runs == RunsPerHelp && !_stopped) missing = TakeMissingHelpers();
                    Monitor.PulseAll(_gate);
                }
            }

            if (mine < 0)
            {
                CallHelpers(missing);
                return;
            }

            Evaluate(mine, buffer!);
        }
    }

    private void Evaluate(int index, ScanBuffer buffer)
    {
        var run = _ring[index % _ring.Length];
        var first = index * _runLength;
        Exception? failure = null;
        run.Count = Math.Min(_runLength, _seriesCount - first);
        try
        {
            for (var i = 0; i < run.Count; i++)
            {
                _context.CancellationToken.ThrowIfCancellationRequested();
                _scan.Evaluate(first + i, buffer, run.Rows[i] ??= new SeriesRow(_scan.Grid.Count));
                if (run.Rows[i]!.HasHistograms) HoldHistograms(run, run.Rows[i]!);
            }

            _scan.Flush(buffer);
        }
        catch (Exception e)
        {
            // Handed to the query's thread, which throws it in its place.
            failure = e;
        }

        lock (_gate)
        {
            _failure ??= failure;
            run.Index = index;
            run.Done = true;
            Monitor.PulseAll(_gate);
        }
    }

    private ScanBuffer NewBuffer() => new() { Cancellation = _context.CancellationToken };

    private void HoldHistograms(Run run, SeriesRow row)
    {
        var bytes = row.HistogramBytes();
        run.HistogramBytes += bytes;
        _context.HoldBytes(bytes);
    }

    private sealed class Run(int length)
    {
        public long HistogramBytes;
        public readonly SeriesRow?[] Rows = new SeriesRow?[length];
        public int Count;
        public int Index = -1;
        public bool Done;
    }
}
