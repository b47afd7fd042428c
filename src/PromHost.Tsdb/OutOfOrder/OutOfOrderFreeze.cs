namespace PromHost.Tsdb;

/// <summary>
/// All samples that came out of order until one moment, on their way from the head into blocks (Prometheus:
/// <c>OOOCompactionHead</c>). One at a time.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item><see cref="RunAsync"/> begins a new segment of the out-of-order log and makes chunks of all samples that the
/// older segments hold, and of no others. Appends go on between its slices.</item>
/// <item>For each of <see cref="Ranges"/> a block is written from <see cref="Open"/>, with the hint
/// <c>from-out-of-order</c>, and all of them are published.</item>
/// <item><see cref="TruncateAsync"/> takes the chunks out of the head and deletes their files and the older segments.
/// Until then queries find the samples in both, which is no harm.</item>
/// </list>
/// Invariant: afterwards nothing on the disk but the blocks holds these samples: what is deleted of the blocks does not
/// come back at the next start.
/// A crash in between, or a freeze that is given up, leaves the samples in the head: they are compacted again.
/// </remarks>
/// <param name="head">The head.</param>
/// <param name="wbl">The log of its out-of-order samples; null when there is none.</param>
/// <param name="directory">The data directory.</param>
/// <param name="onCommitter">Runs something on the committer's thread: <see cref="Committer.InvokeAsync"/>.</param>
internal sealed class OutOfOrderFreeze(
    Head head, WalWriter? wbl, IDataDirectory directory, Func<Action, Task> onCommitter)
{
    // A few milliseconds.
    private const int SeriesPerSlice = 500;

    private readonly List<FrozenSeries> _frozen = [];
    private readonly List<ulong> _inMemory = [];
    private int _firstKeptSegment;
    private int _firstKeptFile;

    /// <summary>The series with their chunks.</summary>
    public IReadOnlyList<FrozenSeries> Series => _frozen;

    /// <summary>Freezes; once.</summary>
    /// <param name="cancellationToken">Ends it between two slices.</param>
    /// <exception cref="IOException">
    /// The log cannot begin a segment, for want of room (<see cref="DiskFullException"/>) or another error.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<(OutOfOrderSeries Series, int OpenCount)> series = [];
        await onCommitter(() => series = Begin()).ConfigureAwait(false);
        try
        {
            for (var start = 0; start < series.Count; start += SeriesPerSlice)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var from = start;
                await onCommitter(() => Cut(series, from)).ConfigureAwait(false);
            }

            await onCommitter(() => _firstKeptFile = head.FullChunks.LateFiles?.EndFile() ?? 0).ConfigureAwait(false);
        }
        finally
        {
            await onCommitter(head.OutOfOrder.EndFreeze).ConfigureAwait(false);
        }

        // Nothing is there that the log could still be needed for.
        if (_frozen.Count == 0) DeleteSegments();
    }

    /// <summary>The ranges of blocks that samples lie in, from the first to the last timestamp, ascending.</summary>
    public IReadOnlyList<TimeInterval> Ranges
    {
        get
        {
            var starts = new SortedSet<long>();
            var rangeMs = head.Appender.BlockRangeMs;
            foreach (var frozen in _frozen)
            {
                foreach (ref readonly var chunk in frozen.AllChunks)
                {
                    var startMs = TimeRanges.StartOf(chunk.MinTimeMs, rangeMs);
                    for (; startMs <= chunk.MaxTimeMs; startMs += rangeMs) starts.Add(startMs);
                }
            }

            return [.. starts.Select(startMs => new TimeInterval(startMs, startMs + rangeMs - 1))];
        }
    }

    /// <summary>Opens what lies in a range of time; may turn out to hold nothing.</summary>
    /// <exception cref="PromHost.Storage.StorageUnavailableException">The storage is closing.</exception>
    public OutOfOrderChunkSource Open(TimeInterval range) => new(head, _frozen, range);

    /// <summary>
    /// Takes what was frozen out of the head; it is in published blocks now. Waits for the queries that began before
    /// these were published.
    /// </summary>
    /// <param name="cancellationToken">Ends it between two slices: what is left is compacted again.</param>
    /// <exception cref="IOException">A file or segment could not be deleted.</exception>
    public async Task TruncateAsync(CancellationToken cancellationToken)
    {
        await head.Epochs.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        for (var start = 0; start < _frozen.Count; start += SeriesPerSlice)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = start;
            await onCommitter(() => Drop(from)).ConfigureAwait(false);
        }

        await onCommitter(head.OutOfOrder.EndTruncation).ConfigureAwait(false);
        head.Epochs.Retire(() => head.FullChunks.Forget(_inMemory));
        await head.Epochs.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await onCommitter(() => head.FullChunks.RetireLateBefore(_firstKeptFile)).ConfigureAwait(false);
        head.FullChunks.DeleteRetired();
        DeleteSegments();
        // Series that had nothing else are gone now.
        await HeadTruncation.RunAsync(head, head.MinValidTimeMs, onCommitter, cancellationToken).ConfigureAwait(false);
    }

    private void DeleteSegments()
    {
        if (wbl is not null && !head.OutOfOrder.IsLogNeeded)
            WalSegments.DeleteBefore(directory, WblReplay.Path, _firstKeptSegment);
    }

    private IReadOnlyList<(OutOfOrderSeries Series, int OpenCount)> Begin()
    {
        if (wbl is not null)
        {
            wbl.Flush();
            _firstKeptSegment = wbl.Position.OffsetBytes == 0 ? wbl.Position.Segment : wbl.StartSegment();
        }

        return head.OutOfOrder.BeginFreeze();
    }

    private void Cut(IReadOnlyList<(OutOfOrderSeries Series, int OpenCount)> series, int from)
    {
        for (var i = from; i < Math.Min(from + SeriesPerSlice, series.Count); i++)
        {
            var (one, openCount) = series[i];
            head.OutOfOrder.Cut(one, openCount);
            if (one.Now.ChunkCount > 0) _frozen.Add(new FrozenSeries(one, one.Now.Chunks!, one.Now.ChunkCount));
        }
    }

    private void Drop(int from)
    {
        for (var i = from; i < Math.Min(from + SeriesPerSlice, _frozen.Count); i++)
        {
            foreach (ref readonly var chunk in _frozen[i].AllChunks)
            {
                if (FullChunks.IsInMemory(chunk.Reference)) _inMemory.Add(chunk.Reference);
            }

            head.OutOfOrder.Drop(_frozen[i]);
        }
    }
}
