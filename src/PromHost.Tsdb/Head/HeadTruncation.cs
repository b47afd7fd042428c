namespace PromHost.Tsdb;

/// <summary>
/// Drops what lies before a time from the head (Prometheus: <c>Head.truncateMemory</c>): chunks, then series without
/// any, then their labels, then the chunk files that no series needs. One at a time.
/// </summary>
/// <remarks>
/// <para>
/// Called when the samples before that time are in a block, and all queriers have left that read them from the head: a
/// newer one asks the head for what is not before it. All changes are made on the committer's thread, in slices between
/// which appends go on.
/// </para>
/// <list type="number">
/// <item>The lower bound of appends rises: in order, nothing older comes any more.</item>
/// <item>Each series drops the chunks that end before the time. One that has no sample left is removed. A batch that
/// had found it before finds or creates it again when it is committed: <see cref="AppendBatch.ReplaceGone"/>.</item>
/// <item>Label pairs and names that no series has are unlinked, postings copied without what is gone.</item>
/// <item>When all have left who may have read a series before it dropped its chunks, these are deleted.</item>
/// </list>
/// </remarks>
internal sealed class HeadTruncation
{
    // A few milliseconds; in units of about 100 ns.
    private const int SliceBudget = 20_000;
    private const int LookCost = 1;
    private const int CutCost = 4;
    private const int RemoveCost = 40;

    private readonly Head _head;
    private readonly long _minTimeMs;
    private readonly Func<Action, Task> _onCommitter;
    private readonly List<ulong> _unused = [];
    private int _ordinal = 1;
    private int _lastOrdinal;
    private int _firstFile;
    private long _lowestTimeMs;

    private HeadTruncation(Head head, long minTimeMs, Func<Action, Task> onCommitter)
    {
        _head = head;
        _minTimeMs = minTimeMs;
        _onCommitter = onCommitter;
    }

    /// <summary>Runs it.</summary>
    /// <param name="head">The head.</param>
    /// <param name="minTimeMs">What is before it goes.</param>
    /// <param name="onCommitter">Runs something on the committer's thread: <see cref="Committer.InvokeAsync"/>.</param>
    /// <param name="cancellationToken">Ends it between slices; the head is then whole, and larger than need be.</param>
    /// <returns>Completes when files that are not needed are deleted: when no query may read them any more.</returns>
    /// <exception cref="IOException">A file could not be deleted; the next truncation tries again.</exception>
    public static async Task RunAsync(
        Head head, long minTimeMs, Func<Action, Task> onCommitter, CancellationToken cancellationToken)
    {
        var truncation = new HeadTruncation(head, minTimeMs, onCommitter);
        await onCommitter(truncation.Begin).ConfigureAwait(false);
        await truncation.RepeatAsync(truncation.CutSlice, cancellationToken).ConfigureAwait(false);
        await onCommitter(() => head.Appender.RaiseMinTime(truncation._lowestTimeMs)).ConfigureAwait(false);
        await truncation.RepeatAsync(truncation.SweepSlice, cancellationToken).ConfigureAwait(false);
        await head.Epochs.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await onCommitter(truncation.RetireChunks).ConfigureAwait(false);
        head.FullChunks.DeleteRetired();
    }

    private async Task RepeatAsync(Func<bool> slice, CancellationToken cancellationToken)
    {
        var goesOn = true;
        while (goesOn)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await _onCommitter(() => goesOn = slice()).ConfigureAwait(false);
        }
    }

    private void Begin()
    {
        _head.MinValidTimeMs = _minTimeMs;
        // What is written from now on lies in this file or a later one, also of series that were looked at before.
        _firstFile = Math.Max(1, _head.FullChunks.Files?.FileNumbers.Last ?? 1);
        // Series that are created from now on have no older chunks.
        _lastOrdinal = _head.Index.Ordinals.Last;
        _lowestTimeMs = AppendBounds.Of(
            _head.Appender.MaxTimeMs, _head.MinValidTimeMs, _head.Appender.BlockRangeMs, windowMs: 0).InOrderFromMs;
    }

    private bool CutSlice()
    {
        var budget = SliceBudget;
        while (_head.Index.Ordinals.TryFindFrom(ref _ordinal, _lastOrdinal, out var series))
        {
            if (budget <= 0) return true;
            budget -= Visit(series);
            _ordinal++;
        }

        _head.Removal.Retire();
        return false;
    }

    private int Visit(int series)
    {
        ref var state = ref _head.Store.State(series);
        var cost = LookCost;
        if (Cut(series, ref state)) cost += CutCost;
        if (!state.HasOpenChunk && state.MappedCount == 0 && !state.HasOutOfOrder)
        {
            _head.OutOfOrder.Remove(series);
            _head.Removal.Remove(series);
            return cost + RemoveCost;
        }

        if (state.MappedCount > 0)
        {
            ref readonly var first = ref _head.Store.Mapped(series)![0];
            _lowestTimeMs = Math.Min(_lowestTimeMs, first.MinTimeMs);
            Use(first.Reference);
        }
        else if (state.HasOpenChunk)
        {
            _lowestTimeMs = Math.Min(_lowestTimeMs, state.MinTimeMs);
        }

        if (state.HasOutOfOrder && _head.OutOfOrder.TryGet(series, out var outOfOrder))
        {
            foreach (ref readonly var chunk in outOfOrder.Now.AllChunks) Use(chunk.Reference);
        }

        return cost;
    }

    private bool Cut(int series, ref SeriesState state)
    {
        var isOpenPast = state.HasOpenChunk && _head.Appender.LastTimeMs(series) < _minTimeMs;
        var mapped = _head.Store.Mapped(series).AsSpan(0, state.MappedCount);
        var past = 0;
        while (past < mapped.Length && (isOpenPast || mapped[past].MaxTimeMs < _minTimeMs))
        {
            if (FullChunks.IsInMemory(mapped[past].Reference)) _unused.Add(mapped[past].Reference);
            past++;
        }

        if (past == 0 && !isOpenPast) return false;
        SeriesStore.BeginChange(ref state);
        if (past > 0) _head.Store.DropMapped(series, ref state, past);
        if (isOpenPast) _head.Store.DropOpen(ref state);
        SeriesStore.EndChange(ref state);
        _head.Appender.CountRemoved(past + (isOpenPast ? 1 : 0));
        return true;
    }

    // Chunks are written one after the other: the first of a series lies in its oldest file.
    private void Use(ulong reference)
    {
        if (FullChunks.IsInFile(reference))
            _firstFile = Math.Min(_firstFile, new ChunkDiskRef(reference).FileNumber);
    }

    private bool SweepSlice() => _head.Removal.SweepLabels(SliceBudget);

    private void RetireChunks()
    {
        _head.FullChunks.Forget(_unused);
        _head.FullChunks.RetireBefore(_firstFile);
    }
}
