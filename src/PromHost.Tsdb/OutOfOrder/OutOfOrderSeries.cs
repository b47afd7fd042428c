namespace PromHost.Tsdb;

/// <summary>
/// The out-of-order part of a series (Prometheus: <c>memSeriesOOOFields</c>). The committer changes it; any thread
/// reads it as a view sees it.
/// </summary>
/// <remarks>
/// What was there before the last commit is kept, and what was there before older commits as long as views from before
/// them are open: as <see cref="Isolation"/> does it for samples in order. Reading is optimistic, see <see
/// cref="SeriesStore"/>.
/// </remarks>
internal sealed class OutOfOrderSeries(int series)
{
    private const int FirstOpenLength = 8;

    private OutOfOrderContent _now;
    private OutOfOrderContent _before;
    private ulong _lastCommit;
    private Bound[]? _older;
    private uint _version;

    /// <summary>The series.</summary>
    public int Series => series;

    /// <summary>The newest timestamp accepted, applied or about to be. Only for the committer.</summary>
    public long DecidedMaxTimeMs { get; set; } = long.MinValue;

    /// <summary>All that was applied. Only for the committer.</summary>
    public ref readonly OutOfOrderContent Now => ref _now;

    /// <summary>Reads what a view sees.</summary>
    /// <param name="view">The view's commit.</param>
    public OutOfOrderContent Read(ulong view)
    {
        var spinner = new SpinWait();
        while (true)
        {
            var version = Volatile.Read(ref _version);
            if ((version & 1) == 0)
            {
                var now = _now;
                var before = _before;
                var older = _older;
                var lastCommit = _lastCommit;
                Volatile.ReadBarrier();
                if (_version == version) return lastCommit <= view ? now : BoundOf(older, view, before);
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Begins the changes of a commit.</summary>
    /// <param name="commit">Its number; 0 during replay.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    /// <returns>Is something kept for older views now, to be forgotten when they are closed?</returns>
    public bool Enter(ulong commit, ulong oldestView)
    {
        if (_lastCommit == commit) return false;
        var isKept = _lastCommit > oldestView;
        Bound[]? older = isKept ? [.. _older ?? [], new Bound(_lastCommit, _before)] : null;
        BeginChange();
        _older = older;
        _before = _now;
        _lastCommit = commit;
        EndChange();
        return isKept;
    }

    /// <summary>Forgets what was kept for views that are closed now.</summary>
    public void ForgetOlder()
    {
        BeginChange();
        _older = null;
        EndChange();
    }

    /// <summary>Adds a sample.</summary>
    public void Append(OutOfOrderSample sample)
    {
        var open = _now.Open;
        if (open is null || open.Length == _now.OpenCount)
        {
            open = new OutOfOrderSample[Math.Max(FirstOpenLength, _now.OpenCount * 2)];
            _now.OpenSamples.CopyTo(open);
        }

        open[_now.OpenCount] = sample;
        BeginChange();
        _now.Open = open;
        _now.OpenCount++;
        EndChange();
        DecidedMaxTimeMs = Math.Max(DecidedMaxTimeMs, sample.TimestampMs);
    }

    /// <summary>Adds chunks and replaces the samples that are in no chunk.</summary>
    public void Replace(ReadOnlySpan<MappedChunk> addedChunks, OutOfOrderSample[] open)
    {
        var chunks = _now.Chunks;
        var count = _now.ChunkCount + addedChunks.Length;
        if (chunks is null || chunks.Length < count)
        {
            chunks = new MappedChunk[Math.Max(count, count + (_now.ChunkCount >> 1))];
            _now.AllChunks.CopyTo(chunks);
        }

        addedChunks.CopyTo(chunks.AsSpan(_now.ChunkCount));
        foreach (var chunk in addedChunks) DecidedMaxTimeMs = Math.Max(DecidedMaxTimeMs, chunk.MaxTimeMs);
        BeginChange();
        _now = new OutOfOrderContent
        {
            Chunks = chunks,
            ChunkCount = count,
            Open = open.Length == 0 ? null : open,
            OpenCount = open.Length,
        };
        EndChange();
    }

    /// <summary>Drops the first chunks. What is kept for older views has them still.</summary>
    public void DropChunks(int count)
    {
        BeginChange();
        _now.Chunks = _now.ChunkCount == count ? null : _now.AllChunks[count..].ToArray();
        _now.ChunkCount -= count;
        EndChange();
    }

    // Ascending by commit: the first one that is newer than the view is the earliest.
    private static OutOfOrderContent BoundOf(Bound[]? older, ulong view, OutOfOrderContent before)
    {
        foreach (ref readonly var bound in older.AsSpan())
        {
            if (bound.Commit > view) return bound.Before;
        }

        return before;
    }

    private void BeginChange()
    {
        Volatile.Write(ref _version, _version + 1);
        Volatile.WriteBarrier();
    }

    private void EndChange() => Volatile.Write(ref _version, _version + 1);

    private readonly record struct Bound(ulong Commit, OutOfOrderContent Before);
}
