// Hot path: compaction reads every chunk of the head here.
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The series of the head, in the order of their labels, with what a range of time holds of their chunks, as one view
/// of the head sees them (Prometheus: <c>RangeHead</c>). Takes no lock that appends or queries wait for; keeps a few
/// bytes per series and pair. Samples that came out of order are not among them.
/// </summary>
internal sealed class HeadChunkSource : ChunkSeriesSource
{
    // As much of the chunk files as a pass may bring into memory before it is given back: chunks of neighbouring series
    // lie far from each other, so a page is read several times in a pass.
    private const long MaxReadBytes = 8 * 1024 * 1024;

    // Newer than every commit.
    private const ulong NoView = ulong.MaxValue;

    private readonly Head _head;
    private readonly long _minTimeMs;
    private readonly long _lastTimeMs;
    private readonly long _epoch;
    private readonly Tombstones _tombstones;
    private readonly ulong _commit;
    private readonly NativeArray<int> _series;
    private readonly int _seriesCount;
    private readonly HeadSymbols _symbols;
    private readonly ChunkCutter _cutter = new();
    private readonly byte[] _open = new byte[1 << ChunkBuffers.MaxOrder];
    private byte[] _histograms = [];
    private byte[] _bytes = new byte[16 * 1024];
    private int _used;
    private int _next;
    private long _readBytes;
    private bool _isDisposed;

    /// <summary>Opens the view and sorts the series.</summary>
    /// <param name="head">The head.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">End of the range, exclusive.</param>
    /// <param name="only">The series to take, which stay in the head meanwhile; null: all.</param>
    /// <param name="isSettled">
    /// Does the head take nothing more of this range, and is all applied that it took? Then no view is held open, for
    /// which every append would have to remember where it stops.
    /// </param>
    /// <exception cref="StorageUnavailableException">The storage is closing.</exception>
    public HeadChunkSource(
        Head head, long minTimeMs, long maxTimeMs, IEnumerable<int>? only = null, bool isSettled = false)
    {
        _head = head;
        _minTimeMs = minTimeMs;
        _lastTimeMs = maxTimeMs - 1;
        _epoch = head.Epochs.Enter();
        try
        {
            _commit = isSettled ? NoView : head.Isolation.OpenView();
            _tombstones = head.Tombstones.Current;
            _series = only is null ? FindSeries(out _seriesCount) : FindSeries(only, out _seriesCount);
            var found = _series.Span[.._seriesCount];
            _symbols = HeadSymbols.Of(head.Table, head.Index, found);
            new SeriesOrder(head.Table, _symbols).Sort(found);
        }
        catch
        {
            Dispose(disposing: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<ReadOnlyMemory<byte>> Symbols => _symbols.Sorted;

    /// <inheritdoc/>
    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (_next < _seriesCount)
        {
            var series = _series[_next++];
            chunks.Clear();
            _cutter.Release();
            _used = 0;
            ReadChunks(series, chunks);
            if (chunks.Count == 0) continue;
            labels = _head.Table.MakeLabels(series);
            return true;
        }

        chunks.Clear();
        labels = Labels.Empty;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _series?.Dispose();
            _head.FullChunks.ForgetMemory();
            if (_commit != NoView) _head.Isolation.CloseView(_commit);
            _head.Epochs.Leave(_epoch);
        }

        base.Dispose(disposing);
    }

    private NativeArray<int> FindSeries(out int count)
    {
        var ordinals = _head.Index.Ordinals;
        var last = ordinals.Last;
        // Those up to the last one are counted already.
        var found = new NativeArray<int>(ordinals.Count);
        count = 0;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, last, out var series); ordinal++)
        {
            if (IsInRange(series)) found[count++] = series;
        }

        return found;
    }

    private NativeArray<int> FindSeries(IEnumerable<int> only, out int count)
    {
        int[] inRange = [.. only.Where(IsInRange)];
        var found = new NativeArray<int>(inRange.Length);
        inRange.CopyTo(found.Span);
        count = inRange.Length;
        return found;
    }

    private bool IsInRange(int series)
    {
        _head.Store.Read(series, out var snapshot);
        return !snapshot.IsEmpty && snapshot.FirstTimeMs <= _lastTimeMs && snapshot.NewestTimeMs >= _minTimeMs;
    }

    private void ReadChunks(int series, List<EncodedChunk> chunks)
    {
        _head.Store.Read(series, _open, out var snapshot);
        var lastMs = _lastTimeMs;
        if (snapshot.LastCommit > _commit)
        {
            var boundMs = _head.Isolation.BoundOf(_commit, series, snapshot.TimeBeforeCommitMs);
            lastMs = Math.Min(lastMs, boundMs);
        }

        foreach (var chunk in snapshot.Mapped.AsSpan(0, snapshot.MappedCount))
        {
            if (chunk.MinTimeMs > lastMs) return;
            if (chunk.MaxTimeMs >= _minTimeMs) AddMapped(series, chunk, lastMs, chunks);
        }

        if (snapshot.OpenCount == 0 || snapshot.OpenMinTimeMs > lastMs || snapshot.LastTimeMs < _minTimeMs) return;
        Add(
            series,
            new EncodedChunk(snapshot.OpenMinTimeMs, snapshot.LastTimeMs, snapshot.OpenEncoding, default),
            snapshot.OpenHistograms is null ? _open.AsSpan(0, snapshot.OpenLength) : CopyHistograms(snapshot),
            lastMs,
            chunks);
    }

    // The chunk grows on: its header counts samples that came later.
    private Span<byte> CopyHistograms(SeriesSnapshot snapshot)
    {
        if (_histograms.Length < snapshot.OpenLength) _histograms = new byte[2 * snapshot.OpenLength];
        var copy = _histograms.AsSpan(0, snapshot.OpenLength);
        snapshot.OpenHistograms.AsSpan(0, snapshot.OpenLength).CopyTo(copy);
        ChunkEncodings.WriteCount(snapshot.OpenEncoding, copy, snapshot.OpenCount);
        return copy;
    }

    private void AddMapped(int series, MappedChunk chunk, long lastMs, List<EncodedChunk> chunks)
    {
        try
        {
            var data = _head.FullChunks.Read(chunk.Reference, out var encoding);
            _readBytes += data.Length;
            if (_readBytes > MaxReadBytes)
            {
                _readBytes = 0;
                _head.FullChunks.ForgetMemory();
            }

            Add(series, new EncodedChunk(chunk.MinTimeMs, chunk.MaxTimeMs, encoding, default), data, lastMs, chunks);
        }
        catch (CorruptDataException error)
        {
            throw new StorageReadException($"a chunk of series {Describe(series)} is damaged: {error.Message}", error);
        }
    }

    private void Add(
        int series, EncodedChunk chunk, ReadOnlySpan<byte> data, long lastMs, List<EncodedChunk> chunks)
    {
        var deleted = _tombstones.IsEmpty ? [] : _tombstones.Of(_head.Store.State(series).WalRef);
        if (chunk.MinTimeMs >= _minTimeMs && chunk.MaxTimeMs <= lastMs &&
            !DeletedIntervals.Touch(deleted, chunk.MinTimeMs, chunk.MaxTimeMs))
        {
            chunks.Add(chunk with { Data = Keep(data) });
            return;
        }

        var range = new TimeInterval(_minTimeMs, lastMs);
        if (!_cutter.TryCut(chunk.Encoding, data, range, deleted, chunks))
            throw new StorageReadException($"a chunk of series {Describe(series)} cannot be decoded");
    }

    // A buffer that is too short is left to the chunks that lie in it.
    private ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> data)
    {
        if (_bytes.Length - _used < data.Length)
        {
            _bytes = new byte[Math.Max(_bytes.Length * 2, data.Length)];
            _used = 0;
        }

        var kept = _bytes.AsMemory(_used, data.Length);
        data.CopyTo(kept.Span);
        _used += data.Length;
        return kept;
    }

    private string Describe(int series) => _head.Table.LabelsOf(series).ToString();
}
