using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Finds the series of the head that are stale, and takes them out when a block has their samples. One at a time; all
/// is done on the committer's thread, in slices between which appends go on.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="onCommitter">Runs something on the committer's thread.</param>
internal sealed class SeriesEviction(Head head, Func<Action, Task> onCommitter)
{
    // A few milliseconds.
    private const int SliceLooks = 20_000;
    private const int SliceRemovals = 500;
    private const int SweepBudget = 20_000;

    private readonly List<(int Series, long LastTimeMs)> _stale = [];
    private readonly List<ulong> _unused = [];
    private int _ordinal = 1;
    private int _next;

    /// <summary>The series found: the newest sample is a stale marker, no sample came out of order.</summary>
    public IReadOnlyList<(int Series, long LastTimeMs)> Stale => _stale;

    /// <summary>Series taken out.</summary>
    public int EvictedCount { get; private set; }

    /// <summary>Looks for them.</summary>
    public Task FindAsync(CancellationToken cancellationToken)
    {
        var last = head.Index.Ordinals.Last;
        return RepeatAsync(() => FindSlice(last), cancellationToken);
    }

    /// <summary>
    /// Takes those out to which nothing came since they were found. All have left who read them from the head and not
    /// from the block.
    /// </summary>
    public async Task EvictAsync(CancellationToken cancellationToken)
    {
        await RepeatAsync(EvictSlice, cancellationToken).ConfigureAwait(false);
        await RepeatAsync(() => head.Removal.SweepLabels(SweepBudget), cancellationToken).ConfigureAwait(false);
        await head.Epochs.DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        await onCommitter(() => head.FullChunks.Forget(_unused)).ConfigureAwait(false);
    }

    private bool IsStale(int series)
    {
        ref readonly var state = ref head.Store.State(series);
        return state.DecidedBits == unchecked((ulong)StaleMarker.Bits) && !state.HasOutOfOrder && !state.IsGone &&
            (state.HasOpenChunk || state.MappedCount > 0);
    }

    private async Task RepeatAsync(Func<bool> slice, CancellationToken cancellationToken)
    {
        var goesOn = true;
        while (goesOn)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await onCommitter(() => goesOn = slice()).ConfigureAwait(false);
        }
    }

    private bool FindSlice(int lastOrdinal)
    {
        for (var looks = 0; head.Index.Ordinals.TryFindFrom(ref _ordinal, lastOrdinal, out var series); looks++)
        {
            if (looks == SliceLooks) return true;
            _ordinal++;
            var lastTimeMs = head.Appender.LastTimeMs(series);
            if (IsStale(series) && head.Store.State(series).DecidedTimeMs == lastTimeMs)
                _stale.Add((series, lastTimeMs));
        }

        return false;
    }

    private bool EvictSlice()
    {
        for (var removals = 0; _next < _stale.Count && removals < SliceRemovals; removals++)
        {
            var (series, lastTimeMs) = _stale[_next++];
            ref var state = ref head.Store.State(series);
            if (IsStale(series) && state.DecidedTimeMs == lastTimeMs) Evict(series, ref state, lastTimeMs);
        }

        if (_next < _stale.Count) return true;
        head.Removal.Retire();
        return false;
    }

    private void Evict(int series, ref SeriesState state, long lastTimeMs)
    {
        var mapped = state.MappedCount;
        foreach (ref readonly var chunk in head.Store.Mapped(series).AsSpan(0, mapped))
        {
            if (FullChunks.IsInMemory(chunk.Reference)) _unused.Add(chunk.Reference);
        }

        var hasOpen = state.HasOpenChunk;
        SeriesStore.BeginChange(ref state);
        if (mapped > 0) head.Store.DropMapped(series, ref state, mapped);
        if (hasOpen) head.Store.DropOpen(ref state);
        SeriesStore.EndChange(ref state);
        head.Appender.CountRemoved(mapped + (hasOpen ? 1 : 0));
        head.OutOfOrder.Remove(series);
        head.Removal.Evict(series, lastTimeMs);
        EvictedCount++;
    }
}
