// Hot path: one call per stored sample.
using System.Runtime.CompilerServices;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Appends samples to the open chunks of series and cuts chunks where Prometheus cuts them, so that a directory looks
/// the same whoever wrote it. For the committer, or for replay before there is one.
/// </summary>
internal sealed class SeriesAppender
{
    /// <summary>When a chunk has so many samples, its end is predicted.</summary>
    public const int PredictAtSamples = SamplesPerChunk / 4;

    /// <summary>A chunk with so many samples takes no further one.</summary>
    public const int MaxSamples = SamplesPerChunk * 2;

    /// <summary>A chunk longer than this takes none (Prometheus: MaxBytesPerXORChunkBeforeAppend).</summary>
    public const int MaxBytesBeforeAppend = 1024 - XorChunkEncoder.MaxSampleBytes;

    private const int SamplesPerChunk = 120;

    private readonly SeriesStore _store;
    private readonly FullChunks _fullChunks;
    private readonly Isolation _isolation;
    private readonly long _blockRangeMs;
    private readonly HistogramAppender _histograms;
    private Xor2Appender? _xor2;
    private ulong _commit;
    private ulong _oldestView;

    public SeriesAppender(SeriesStore store, FullChunks fullChunks, Isolation isolation, long blockRangeMs)
    {
        _store = store;
        _fullChunks = fullChunks;
        _isolation = isolation;
        _blockRangeMs = blockRangeMs;
        _histograms = new HistogramAppender(store, fullChunks, blockRangeMs);
    }

    /// <summary>How samples become chunks: which of the newer encodings are written.</summary>
    public ChunkRules Rules
    {
        set
        {
            _xor2 = value.WritesXor2 ? new Xor2Appender(_store, _histograms, _blockRangeMs) : null;
            _histograms.WritesStartTimestamps = value.WritesHistogramStartTimestamps;
        }
    }

    /// <summary>Length of a block in milliseconds.</summary>
    public long BlockRangeMs => _blockRangeMs;

    /// <summary>Chunks begun so far.</summary>
    public long ChunksCreated { get; private set; }

    /// <summary>Chunks dropped so far.</summary>
    public long ChunksRemoved { get; private set; }

    /// <summary>The oldest timestamp appended so far.</summary>
    public long MinTimeMs { get; private set; } = long.MaxValue;

    /// <summary>The newest timestamp appended so far.</summary>
    public long MaxTimeMs { get; private set; } = long.MinValue;

    /// <summary>Counts chunks that were dropped.</summary>
    public void CountRemoved(int chunks) => ChunksRemoved += chunks;

    /// <summary>After chunks were dropped: there is nothing before this time.</summary>
    public void RaiseMinTime(long minTimeMs)
    {
        if (MaxTimeMs == long.MinValue) return;
        MinTimeMs = Math.Max(MinTimeMs, minTimeMs);
        // As in Prometheus, where the head never ends before it begins.
        MaxTimeMs = Math.Max(MaxTimeMs, MinTimeMs);
    }

    /// <summary>Begins a commit; 0 during replay.</summary>
    /// <param name="commit">Its number.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    public void Begin(ulong commit, ulong oldestView)
    {
        _commit = commit;
        _oldestView = oldestView;
    }

    /// <summary>Counts what is in mapped chunks found at start.</summary>
    public void AddMapped(int series, MappedChunk chunk)
    {
        ref var state = ref _store.State(series);
        SeriesStore.BeginChange(ref state);
        _store.AddMapped(series, ref state, chunk);
        SeriesStore.EndChange(ref state);
        ChunksCreated++;
        Span(chunk.MinTimeMs);
        Span(chunk.MaxTimeMs);
    }

    /// <summary>Gives a series the open chunk that it had; for replay, before newer samples.</summary>
    /// <param name="series">Has none yet.</param>
    /// <param name="encoder">The state of the chunk's encoder.</param>
    /// <param name="chunk">The chunk; copied.</param>
    /// <param name="minTimeMs">Timestamp of its first sample.</param>
    /// <param name="cutAtMs">It takes no sample of this time or later.</param>
    public void Resume(
        int series, XorChunkEncoder encoder, ReadOnlySpan<byte> chunk, long minTimeMs, long cutAtMs)
    {
        ref var state = ref _store.State(series);
        var order = ChunkBuffers.MinOrder;
        while (1 << order < chunk.Length) order++;
        state.Buffer = _store.Buffers.Take(order);
        state.BufferOrder = (byte)order;
        chunk.CopyTo(_store.Buffers.Get(state.Buffer, order));
        state.Encoder = encoder;
        Resumed(ref state, minTimeMs, cutAtMs, encoder.LastTimestampMs);
    }

    /// <summary>The same with an open chunk of native histograms.</summary>
    public void Resume(int series, OpenHistogram open, long minTimeMs, long cutAtMs)
    {
        ref var state = ref _store.State(series);
        state.Buffer = _store.Histograms.Add(open);
        state.BufferOrder = OpenHistograms.Order;
        Resumed(ref state, minTimeMs, cutAtMs, open.LastTimeMs);
    }

    /// <summary>Makes an open chunk of native histograms from the bytes of one, to be given to a series.</summary>
    /// <returns>Null when the bytes are none.</returns>
    public OpenHistogram? ResumeHistograms(byte encoding, ReadOnlySpan<byte> chunk, bool hasPredictedEnd) =>
        _histograms.Resume(encoding, chunk, hasPredictedEnd);

    /// <summary>Brings near what appending a float will touch: both ends of the open chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int series)
    {
        ref readonly var state = ref _store.State(series);
        if (state.Encoder.Count > 0) _store.Buffers.Prefetch(state.Buffer, state.Encoder.LengthBytes);
    }

    /// <summary>Appends a sample that is newer than all of its series.</summary>
    public void Append(int series, long timestampMs, double value)
    {
        if (_xor2 is not null)
        {
            Append(series, timestampMs, startTimestampMs: 0, value);
            return;
        }

        ref var state = ref _store.State(series);
        if (state.LastCommit != _commit) EnterCommit(series, ref state);
        if (state.Encoder.Count == 0 || MustCut(ref state, timestampMs)) StartChunk(series, ref state, timestampMs);

        SeriesStore.BeginChange(ref state);
        var buffer = _store.Buffers.Get(state.Buffer, state.BufferOrder);
        if (buffer.Length - state.Encoder.LengthBytes < XorChunkEncoder.RequiredFreeBytes)
            buffer = Widen(ref state, buffer);
        state.Encoder.Append(buffer, timestampMs, value);
        SeriesStore.EndChange(ref state);
        Span(timestampMs);
    }

    /// <summary>The same with a start timestamp, which is dropped where floats are not written as XOR2.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Append(int series, long timestampMs, long startTimestampMs, double value)
    {
        if (_xor2 is null)
        {
            Append(series, timestampMs, value);
            return;
        }

        ref var state = ref _store.State(series);
        if (state.LastCommit != _commit) EnterCommit(series, ref state);
        ChunksCreated += _xor2.Append(series, ref state, timestampMs, startTimestampMs, value);
        Span(timestampMs);
    }

    /// <summary>Appends a native histogram that is newer than all of its series.</summary>
    public void Append(int series, long timestampMs, long startTimestampMs, RawHistogram histogram)
    {
        ref var state = ref _store.State(series);
        if (state.LastCommit != _commit) EnterCommit(series, ref state);
        ChunksCreated += _histograms.Append(series, ref state, timestampMs, startTimestampMs, histogram);
        Span(timestampMs);
    }

    /// <summary>The newest timestamp applied; <see cref="long.MinValue"/> when there is none.</summary>
    public long LastTimeMs(int series)
    {
        ref readonly var state = ref _store.State(series);
        if (state.Encoder.Count > 0) return state.Encoder.LastTimestampMs;
        if (state.HasHistogram) return _store.Histograms.Get(state.Buffer).LastTimeMs;
        return state.MappedCount > 0 ? _store.Mapped(series)![state.MappedCount - 1].MaxTimeMs : long.MinValue;
    }

    /// <summary>Does a time lie before the first mapped chunk of a series?</summary>
    public bool IsBeforeMapped(int series, long timestampMs)
    {
        ref readonly var state = ref _store.State(series);
        return state.MappedCount > 0 && timestampMs < _store.Mapped(series)![0].MinTimeMs;
    }

    private void Resumed(ref SeriesState state, long minTimeMs, long cutAtMs, long lastTimeMs)
    {
        state.MinTimeMs = minTimeMs;
        state.CutAtMs = cutAtMs;
        ChunksCreated++;
        Span(minTimeMs);
        Span(lastTimeMs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Span(long timestampMs)
    {
        if (timestampMs < MinTimeMs) MinTimeMs = timestampMs;
        if (timestampMs > MaxTimeMs) MaxTimeMs = timestampMs;
    }

    private void EnterCommit(int series, ref SeriesState state)
    {
        if (state.LastCommit > _oldestView) _isolation.Remember(series, state.LastCommit, state.TimeBeforeCommitMs);
        var timeBeforeMs = LastTimeMs(series);
        SeriesStore.BeginChange(ref state);
        state.TimeBeforeCommitMs = timeBeforeMs;
        state.LastCommit = _commit;
        SeriesStore.EndChange(ref state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MustCut(ref SeriesState state, long timestampMs)
    {
        if (state.Encoder.LengthBytes > MaxBytesBeforeAppend) return true;
        var count = state.Encoder.Count;
        if (count == PredictAtSamples)
            state.CutAtMs = ChunkEnd.Predict(state.MinTimeMs, state.Encoder.LastTimestampMs, state.CutAtMs, 4);
        return timestampMs >= state.CutAtMs || count >= MaxSamples;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StartChunk(int series, ref SeriesState state, long timestampMs)
    {
        MappedChunk? full = null;
        if (state.HasHistogram) _histograms.Close(series, ref state);
        if (state.Encoder.Count > 0)
        {
            // Written before the change begins: readers do not wait for the disk.
            var data = _store.Buffers.Get(state.Buffer, state.BufferOrder)[..state.Encoder.LengthBytes];
            var lastMs = state.Encoder.LastTimestampMs;
            var reference = _fullChunks.Add(state.WalRef, state.MinTimeMs, lastMs, ChunkEncoding.Xor, data);
            full = new MappedChunk(state.MinTimeMs, lastMs, reference);
        }

        SeriesStore.BeginChange(ref state);
        if (full is { } chunk)
        {
            _store.AddMapped(series, ref state, chunk);
            _store.Buffers.Return(state.Buffer, state.BufferOrder);
        }

        state.BufferOrder = ChunkBuffers.MinOrder;
        state.Buffer = _store.Buffers.Take(ChunkBuffers.MinOrder);
        state.Encoder = XorChunkEncoder.Start(_store.Buffers.Get(state.Buffer, ChunkBuffers.MinOrder));
        state.MinTimeMs = timestampMs;
        state.CutAtMs = ChunkEnd.OfBlock(timestampMs, _blockRangeMs);
        SeriesStore.EndChange(ref state);
        ChunksCreated++;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Span<byte> Widen(ref SeriesState state, Span<byte> buffer)
    {
        var order = (byte)(state.BufferOrder + 1);
        var wider = _store.Buffers.Take(order);
        var bytes = _store.Buffers.Get(wider, order);
        buffer[..state.Encoder.LengthBytes].CopyTo(bytes);
        _store.Buffers.Return(state.Buffer, state.BufferOrder);
        state.Buffer = wider;
        state.BufferOrder = order;
        return bytes;
    }
}
