// Hot path: the committer appends here, queries read here.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// The series by their number, with their chunks. The committer appends; any thread reads a series as it was at one
/// moment.
/// </summary>
/// <remarks>
/// Reading is optimistic (a sequence lock): <see cref="SeriesState.Version"/> is odd while the committer changes a
/// series, and a reader that finds it odd or changed afterwards reads again. What it read in between may be torn, so
/// every length is checked before use. No I/O happens while a version is odd.
/// </remarks>
internal sealed class SeriesStore
{
    private const int PageBits = 10;

    private readonly NativePagedArray<SeriesState> _states = new(PageBits);
    private readonly SparseArray<MappedChunk[]> _mapped = new(PageBits);
    private readonly SparseArray<byte[]> _labels = new(PageBits);
    private readonly FreeNumbers _numbers = new(PageBits);
    private long _mappedEntries;
    private long _labelBytes;

    /// <summary>The buffers of the open chunks.</summary>
    public ChunkBuffers Buffers { get; } = new();

    /// <summary>The open chunks of native histograms.</summary>
    public OpenHistograms Histograms { get; } = new();

    /// <summary>The highest number of a series.</summary>
    public int MaxSeries => _numbers.Last;

    /// <summary>Bytes of the states, without what they refer to.</summary>
    public long StateBytes =>
        (((long)_states.PageCount << PageBits) * Unsafe.SizeOf<SeriesState>()) +
        _mapped.SizeBytes + _labels.SizeBytes;

    /// <summary>Bytes of the lists of full chunks.</summary>
    public long MappedBytes => Volatile.Read(ref _mappedEntries) * Unsafe.SizeOf<MappedChunk>();

    /// <summary>Bytes of the cached label sets.</summary>
    public long LabelBytes => Volatile.Read(ref _labelBytes);

    /// <summary>The state of a series, for the committer.</summary>
    public ref SeriesState State(int series) => ref _states[series];

    /// <summary>Is the series still there that had a number, here and in the WAL? For the committer.</summary>
    public bool Has(int series, ulong walRef)
    {
        // Zeros when it was freed with its page.
        ref readonly var state = ref _states[series];
        return state.WalRef == walRef && !state.IsGone;
    }

    /// <summary>
    /// Brings a state near: the series of a batch are spread over memory, fetching ahead hides the misses.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void PrefetchState(int series)
    {
        if (!Sse.IsSupported) return;
        var state = (byte*)Unsafe.AsPointer(ref _states[series]);
        Sse.Prefetch0(state);
        Sse.Prefetch0(state + 64);
        // It may lie on three lines.
        Sse.Prefetch0(state + sizeof(SeriesState) - 1);
    }

    /// <summary>The full chunks of a series, for the committer; valid up to the state's count.</summary>
    public MappedChunk[]? Mapped(int series) => _mapped[series];

    /// <summary>The cached label set of a series in the encoding of <see cref="Model.Labels"/>, or null.</summary>
    public byte[]? CachedLabels(int series) => _labels[series];

    /// <summary>Caches the label set of a series.</summary>
    /// <returns>What is cached: another thread may have been first.</returns>
    public byte[] CacheLabels(int series, byte[] encoded)
    {
        if (Interlocked.CompareExchange(ref _labels.Place(series), encoded, null) is { } other) return other;
        Interlocked.Add(ref _labelBytes, encoded.Length);
        return encoded;
    }

    /// <summary>Takes a number for a series and sets it up.</summary>
    /// <param name="walRef">Its number in the WAL.</param>
    /// <param name="record">Its labels.</param>
    public int Add(ulong walRef, ulong record)
    {
        var series = _numbers.Take();
        _states.EnsureRoom(series);
        // Nobody reads the series any more that had the number before.
        _mapped.Clear(series);
        _labels.Clear(series);
        _states[series] = new SeriesState
        {
            WalRef = walRef,
            Record = record,
            DecidedTimeMs = long.MinValue,
            TimeBeforeCommitMs = long.MinValue,
        };
        return series;
    }

    /// <summary>Frees the number of a series that is gone, and that nobody reads any more.</summary>
    public void Free(int series)
    {
        if (_labels[series] is { } labels) Interlocked.Add(ref _labelBytes, -labels.Length);
        _labels.Clear(series);
        _mapped.Clear(series);
        Poison(ref _states[series]);
        if (!_numbers.Return(series)) return;
        _states.FreePage(series);
        _mapped.FreePage(series);
        _labels.FreePage(series);
    }

    /// <summary>Begins a change that readers must not see half done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BeginChange(ref SeriesState state)
    {
        Volatile.Write(ref state.Version, state.Version + 1);
        Volatile.WriteBarrier();
    }

    /// <summary>Ends the change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EndChange(ref SeriesState state) => Volatile.Write(ref state.Version, state.Version + 1);

    /// <summary>Adds a full chunk; within a change.</summary>
    public void AddMapped(int series, ref SeriesState state, MappedChunk chunk)
    {
        ref var list = ref _mapped.Place(series);
        var count = state.MappedCount;
        if (list is null || list.Length == count)
        {
            var grown = new MappedChunk[count < 4 ? count + 1 : count + (count >> 1)];
            list?.CopyTo(grown, 0);
            Volatile.Write(ref _mappedEntries, _mappedEntries + grown.Length - (list?.Length ?? 0));
            Volatile.Write(ref list, grown);
        }

        list![count] = chunk;
        state.MappedCount = count + 1;
    }

    /// <summary>Drops the oldest full chunks; within a change.</summary>
    public void DropMapped(int series, ref SeriesState state, int count)
    {
        ref var list = ref _mapped.Place(series);
        var kept = state.MappedCount - count;
        // Readers may have the old list.
        var shorter = kept == 0 ? null : list.AsSpan(count, kept).ToArray();
        Volatile.Write(ref _mappedEntries, _mappedEntries + kept - list!.Length);
        Volatile.Write(ref list, shorter);
        state.MappedCount = kept;
    }

    /// <summary>Drops the open chunk; within a change.</summary>
    public void DropOpen(ref SeriesState state)
    {
        if (state.HasHistogram) Histograms.Remove(state.Buffer);
        else Buffers.Return(state.Buffer, state.BufferOrder);
        state.Encoder = default;
        state.Buffer = 0;
        state.BufferOrder = 0;
    }

    /// <summary>Reads a series without its open chunk.</summary>
    public void Read(int series, out SeriesSnapshot snapshot) => Read(series, [], out snapshot);

    /// <summary>Reads a series.</summary>
    /// <param name="series">A published series.</param>
    /// <param name="openChunk">Receives the open chunk, unless it is empty; 2048 bytes are enough.</param>
    /// <param name="snapshot">The rest.</param>
    public void Read(int series, Span<byte> openChunk, out SeriesSnapshot snapshot)
    {
        ref var state = ref _states[series];
        var spinner = new SpinWait();
        while (true)
        {
            var version = Volatile.Read(ref state.Version);
            if ((version & 1) == 0)
            {
                var encoder = state.Encoder;
                snapshot.OpenCount = encoder.Count;
                snapshot.OpenLength = encoder.LengthBytes;
                snapshot.OpenMinTimeMs = state.MinTimeMs;
                snapshot.LastTimeMs = encoder.LastTimestampMs;
                snapshot.LastValue = encoder.LastValue;
                snapshot.OpenHistograms = null;
                snapshot.OpenEncoding = ChunkEncoding.Xor;
                snapshot.LastCommit = state.LastCommit;
                snapshot.TimeBeforeCommitMs = state.TimeBeforeCommitMs;
                snapshot.MappedCount = state.MappedCount;
                snapshot.HasOutOfOrder = state.HasOutOfOrder;
                snapshot.Mapped = _mapped[series];
                if (state.HasHistogram)
                {
                    ReadHistograms(state.Buffer, ref snapshot);
                }
                else if (!openChunk.IsEmpty && snapshot.OpenLength <= openChunk.Length &&
                    Buffers.TryPeek(state.Buffer, snapshot.OpenLength, out var bytes))
                {
                    bytes.CopyTo(openChunk);
                }

                Volatile.ReadBarrier();
                if (state.Version == version) return;
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Reads a series with what it takes to go on with its open chunk.</summary>
    /// <param name="series">A published series.</param>
    /// <param name="openChunk">Receives the open chunk if it is one of floats; 2048 bytes are enough.</param>
    /// <param name="snapshot">The series.</param>
    /// <param name="open">How its open chunk goes on.</param>
    public void Read(int series, Span<byte> openChunk, out SeriesSnapshot snapshot, out OpenChunkState open)
    {
        ref var state = ref _states[series];
        while (true)
        {
            var version = Volatile.Read(ref state.Version);
            Read(series, openChunk, out snapshot);
            open = new OpenChunkState(
                state.Encoder,
                state.CutAtMs,
                state.WalRef,
                state.IsLogged,
                state.HasHistogram && Histograms.Peek(state.Buffer) is { HasPredictedEnd: true });
            Volatile.ReadBarrier();
            // The same version before and after: all of it is of one moment.
            if (state.Version == version) return;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReadHistograms(uint handle, ref SeriesSnapshot snapshot)
    {
        if (Histograms.Peek(handle) is not { } open) return;
        snapshot.OpenHistograms = open.Bytes;
        snapshot.OpenEncoding = open.Encoding;
        snapshot.OpenCount = open.Count;
        snapshot.OpenLength = open.LengthBytes;
        snapshot.LastTimeMs = open.LastTimeMs;
    }

    // So that whoever uses a series that was freed too early finds nonsense.
    [Conditional("DEBUG")]
    private static void Poison(ref SeriesState state) =>
        state = new SeriesState { Record = ulong.MaxValue >> 24, MappedCount = int.MinValue, Version = 1 };
}
