// Hot path: queries read samples here.
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of one selection from the head, as a view sees them.</summary>
internal sealed class HeadSeriesSet : SeriesSet
{
    private const int MaxOpenChunkBytes = 1 << ChunkBuffers.MaxOrder;

    private readonly Head _head;
    private readonly HeadView _view;
    private readonly int[] _series;
    private readonly int _count;
    private readonly bool _withoutLabels;
    private int _next;

    public HeadSeriesSet(Head head, HeadView view, int[] series, int count, bool withoutLabels = false)
    {
        _head = head;
        _view = view;
        _series = series;
        _count = count;
        _withoutLabels = withoutLabels;
    }

    /// <inheritdoc/>
    public override int CountEstimate => _count;

    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch)
    {
        var filled = 0;
        while (filled < batch.Length && _next < _count)
        {
            var series = _series[_next++];
            if (!_view.MayHaveSamples(series)) continue;
            var labels = _withoutLabels ? Labels.Empty : _head.Table.LabelsOf(series);
            batch[filled++] = new SeriesEntry(labels, this, series);
        }

        return filled;
    }

    /// <inheritdoc/>
    public override LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest)
    {
        latest = default;
        _head.Store.Read((int)series.Handle, out var snapshot);
        if (snapshot.HasOutOfOrder && MayBeOutOfOrder((int)series.Handle, ref snapshot, minTimeMs, maxTimeMs))
            return LatestSample.Unknown;
        minTimeMs = Math.Max(minTimeMs, _view.InOrderFromMs);
        if (snapshot.IsEmpty || snapshot.FirstTimeMs > maxTimeMs || snapshot.NewestTimeMs < minTimeMs)
            return LatestSample.None;
        // A sample of a later commit, or one behind the range, hides the one that is asked for.
        if (snapshot.LastCommit > _view.Commit || snapshot.OpenCount == 0 || snapshot.LastTimeMs > maxTimeMs)
            return LatestSample.Unknown;
        if (snapshot.OpenHistograms is not null) return LatestSample.Unknown;
        latest = new FloatSample(snapshot.LastTimeMs, snapshot.LastValue);
        var deleted = _view.DeletedOf((int)series.Handle);
        return DeletedIntervals.Touch(deleted, latest.TimestampMs, latest.TimestampMs)
            ? LatestSample.Unknown
            : LatestSample.Found;
    }

    /// <inheritdoc/>
    public override void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        var number = (int)series.Handle;
        var first = columns.Count;
        Span<byte> open = stackalloc byte[MaxOpenChunkBytes];
        _head.Store.Read(number, open, out var snapshot);
        if (snapshot.HasOutOfOrder)
        {
            ReadMerged(number, open, ref snapshot, minTimeMs, maxTimeMs, columns);
            return;
        }

        ReadInOrder(number, open, ref snapshot, minTimeMs, maxTimeMs, columns);
        DeletedIntervals.Remove(_view.DeletedOf(number), columns, first);
    }

    // May the newest sample of the range be one that came out of order?
    private bool MayBeOutOfOrder(int series, ref SeriesSnapshot snapshot, long minTimeMs, long maxTimeMs)
    {
        var isInOrderKnown = !snapshot.IsEmpty &&
            snapshot.NewestTimeMs <= maxTimeMs && snapshot.NewestTimeMs >= _view.InOrderFromMs;
        var fromMs = isInOrderKnown ? Math.Max(minTimeMs, snapshot.NewestTimeMs) : minTimeMs;
        return _view.OutOfOrder.MayOverlap(series, fromMs, maxTimeMs);
    }

    private void ReadMerged(
        int number,
        ReadOnlySpan<byte> open,
        ref SeriesSnapshot snapshot,
        long minTimeMs,
        long maxTimeMs,
        SampleColumns columns)
    {
        var inOrder = _view.OutOfOrder.Rent();
        ReadInOrder(number, open, ref snapshot, minTimeMs, maxTimeMs, inOrder);
        // Late samples are not deleted here: those that a deletion finds go to blocks first.
        DeletedIntervals.Remove(_view.DeletedOf(number), inOrder, 0);
        _view.OutOfOrder.Merge(number, minTimeMs, maxTimeMs, inOrder, columns);
        _view.OutOfOrder.Return(inOrder);
    }

    private void ReadInOrder(
        int number,
        ReadOnlySpan<byte> open,
        ref SeriesSnapshot snapshot,
        long minTimeMs,
        long maxTimeMs,
        SampleColumns columns)
    {
        minTimeMs = Math.Max(minTimeMs, _view.InOrderFromMs);
        if (snapshot.LastCommit > _view.Commit)
        {
            var boundMs = _head.Isolation.BoundOf(_view.Commit, number, snapshot.TimeBeforeCommitMs);
            maxTimeMs = Math.Min(maxTimeMs, boundMs);
        }

        if (snapshot.IsEmpty || minTimeMs > maxTimeMs) return;
        var mapped = snapshot.Mapped.AsSpan(0, snapshot.MappedCount);
        for (var i = FirstEndingAtOrAfter(mapped, minTimeMs); i < mapped.Length; i++)
        {
            if (mapped[i].MinTimeMs > maxTimeMs) return;
            if (i + 1 < mapped.Length) _head.FullChunks.Expect(mapped[i + 1].Reference);
            ReadMapped(number, mapped[i], minTimeMs, maxTimeMs, columns);
        }

        if (snapshot.OpenCount == 0 || snapshot.OpenMinTimeMs > maxTimeMs || snapshot.LastTimeMs < minTimeMs) return;
        var isRead = snapshot.OpenHistograms is { } histograms
            ? ChunkColumns.TryAppendFirst(
                snapshot.OpenEncoding,
                histograms.AsSpan(0, snapshot.OpenLength),
                snapshot.OpenCount,
                minTimeMs,
                maxTimeMs,
                columns)
            : ChunkColumns.TryAppendFloats(
                open[..snapshot.OpenLength], snapshot.OpenCount, minTimeMs, maxTimeMs, columns);
        if (!isRead)
        {
            throw new StorageReadException($"the open chunk of series {Describe(number)} cannot be decoded");
        }
    }

    private static int FirstEndingAtOrAfter(ReadOnlySpan<MappedChunk> chunks, long timestampMs)
    {
        var low = 0;
        var high = chunks.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (chunks[middle].MaxTimeMs < timestampMs) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private void ReadMapped(int series, MappedChunk chunk, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        try
        {
            var data = _head.FullChunks.Read(chunk.Reference, out var encoding);
            if (!ChunkColumns.TryAppend(encoding, data, minTimeMs, maxTimeMs, columns))
                throw new StorageReadException($"a chunk of series {Describe(series)} cannot be decoded");
        }
        catch (CorruptDataException error)
        {
            throw new StorageReadException($"a chunk of series {Describe(series)} is damaged: {error.Message}", error);
        }
    }

    private string Describe(int series) => _head.Table.LabelsOf(series).ToString();
}
