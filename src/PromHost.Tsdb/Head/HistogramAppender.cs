// Hot path: one call per stored histogram.
using PromHost.Chunks;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Appends native histograms to the open chunks of series and cuts chunks where Prometheus cuts them (<c>tsdb</c>,
/// <c>histogramsAppendPreprocessor</c>); used by <see cref="SeriesAppender"/>.
/// </summary>
internal sealed class HistogramAppender(SeriesStore store, FullChunks fullChunks, long blockRangeMs)
{
    private const int TargetBytes = 1024;
    private const int PredictAtBytes = TargetBytes / 4;
    private const int MaxBytes = TargetBytes * 2;
    private const int MinSamples = 10;

    private readonly HistogramRecoder _recoder = new();

    /// <summary>
    /// Have chunks a place for start timestamps? Only with Prometheus's feature <c>histograms-st-encoding</c>: 3.5
    /// cannot read them.
    /// </summary>
    public bool WritesStartTimestamps { get; set; }

    /// <summary>Appends a histogram that is newer than all of its series.</summary>
    /// <returns>The number of chunks begun.</returns>
    public int Append(int series, ref SeriesState state, long timestampMs, long startMs, RawHistogram histogram)
    {
        var encoding = EncodingOf(histogram);
        var open = state.HasHistogram ? store.Histograms.Get(state.Buffer) : null;
        if (open is null || open.WrittenEncoding != encoding)
        {
            var header = HistogramChunkEncoder.HeaderOf(histogram);
            open = StartChunk(series, ref state, encoding, header, timestampMs);
            open.HasPredictedEnd = false;
            open.Encoder.TryAppend(timestampMs, startMs, histogram, out _);
        }
        else if (MustCut(ref state, open, timestampMs))
        {
            var header = open.Encoder.HeaderAfter(histogram);
            StartChunk(series, ref state, encoding, header, timestampMs);
            open.HasPredictedEnd = false;
            open.Encoder.TryAppend(timestampMs, startMs, histogram, out _);
        }
        else if (open.Encoder.TryAppend(timestampMs, startMs, histogram, out var header))
        {
            Publish(ref state, open);
            return 0;
        }
        else
        {
            StartChunk(series, ref state, encoding, header, timestampMs);
            open.Encoder.TryAppend(timestampMs, startMs, histogram, out _);
        }

        Publish(ref state, open);
        return 1;
    }

    /// <summary>Ends the open chunk of a series, which keeps no place for it; for a change of the kind.</summary>
    public void Close(int series, ref SeriesState state)
    {
        var open = store.Histograms.Get(state.Buffer);
        var full = Keep(ref state, open);
        SeriesStore.BeginChange(ref state);
        store.AddMapped(series, ref state, full);
        var handle = state.Buffer;
        state.Buffer = 0;
        state.BufferOrder = 0;
        SeriesStore.EndChange(ref state);
        store.Histograms.Remove(handle);
    }

    /// <summary>Makes an open chunk from the bytes of one; null when they are none.</summary>
    public OpenHistogram? Resume(byte encoding, ReadOnlySpan<byte> chunk, bool hasPredictedEnd)
    {
        if (!ChunkEncodings.IsHistogram(encoding)) return null;
        var open = new OpenHistogram(_recoder) { HasPredictedEnd = hasPredictedEnd };
        open.Start(encoding, CounterResetHint.Unknown);
        if (!open.Encoder.TryResume(chunk)) return null;
        open.Publish();
        return open;
    }

    private byte EncodingOf(RawHistogram histogram) => (histogram.IsInteger, WritesStartTimestamps) switch
    {
        (true, false) => ChunkEncoding.Histogram,
        (false, false) => ChunkEncoding.FloatHistogram,
        (true, true) => ChunkEncoding.HistogramSt,
        (false, true) => ChunkEncoding.FloatHistogramSt,
    };

    private bool MustCut(ref SeriesState state, OpenHistogram open, long timestampMs)
    {
        var size = open.Encoder.LengthBytes;
        // Chunks shall not be too short, but a border of blocks is a border.
        var mustEndAtMs = open.HasPredictedEnd ? BlockEnd(state.MinTimeMs) : state.CutAtMs;
        if (!open.HasPredictedEnd && size >= PredictAtBytes)
        {
            state.CutAtMs = ChunkEnd.Predict(
                state.MinTimeMs, open.Encoder.LastTimestampMs, state.CutAtMs, (double)TargetBytes / size);
            open.HasPredictedEnd = true;
        }

        return (timestampMs >= state.CutAtMs || size >= MaxBytes)
            && (open.Encoder.Count >= MinSamples || timestampMs >= mustEndAtMs);
    }

    private MappedChunk Keep(ref SeriesState state, OpenHistogram open)
    {
        var lastMs = open.WrittenTimeMs;
        var reference = fullChunks.Add(
            state.WalRef, state.MinTimeMs, lastMs, open.WrittenEncoding, open.Data.Span);
        return new MappedChunk(state.MinTimeMs, lastMs, reference);
    }

    /// <summary>Ends the open chunk of a series, whatever it is, and begins one.</summary>
    /// <param name="series">The series.</param>
    /// <param name="state">Its state.</param>
    /// <param name="encoding">XOR2 or one of the histogram encodings.</param>
    /// <param name="header">What is known of a counter reset before it.</param>
    /// <param name="timestampMs">Timestamp of its first sample.</param>
    public OpenHistogram StartChunk(
        int series, ref SeriesState state, byte encoding, CounterResetHint header, long timestampMs)
    {
        // Written before the change begins: readers do not wait for the disk.
        MappedChunk? full = null;
        var open = state.HasHistogram ? store.Histograms.Get(state.Buffer) : null;
        if (open is not null) full = Keep(ref state, open);
        else if (state.Encoder.Count > 0) full = KeepFloats(ref state);
        open ??= new OpenHistogram(_recoder);
        open.Start(encoding, header);

        SeriesStore.BeginChange(ref state);
        if (full is { } chunk) store.AddMapped(series, ref state, chunk);
        if (!state.HasHistogram)
        {
            if (state.Encoder.Count > 0) store.Buffers.Return(state.Buffer, state.BufferOrder);
            state.Encoder = default;
            state.Buffer = store.Histograms.Add(open);
            state.BufferOrder = OpenHistograms.Order;
        }

        // Readers go by the count, which is 0 until the first sample is published.
        store.Histograms.Publish(open);
        state.MinTimeMs = timestampMs;
        state.CutAtMs = BlockEnd(timestampMs);
        SeriesStore.EndChange(ref state);
        return open;
    }

    private MappedChunk KeepFloats(ref SeriesState state)
    {
        var data = store.Buffers.Get(state.Buffer, state.BufferOrder)[..state.Encoder.LengthBytes];
        var lastMs = state.Encoder.LastTimestampMs;
        var reference = fullChunks.Add(state.WalRef, state.MinTimeMs, lastMs, ChunkEncoding.Xor, data);
        return new MappedChunk(state.MinTimeMs, lastMs, reference);
    }

    /// <summary>Shows readers what a chunk has.</summary>
    public void Publish(ref SeriesState state, OpenHistogram open)
    {
        SeriesStore.BeginChange(ref state);
        store.Histograms.Publish(open);
        SeriesStore.EndChange(ref state);
    }

    private long BlockEnd(long timestampMs) => ChunkEnd.OfBlock(timestampMs, blockRangeMs);
}
