// Hot path where floats are written as XOR2: one call per stored sample.
using PromHost.Chunks;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Appends floats to open XOR2 chunks and cuts these as XOR chunks are cut; used by <see cref="SeriesAppender"/> where
/// Prometheus's feature <c>xor2-encoding</c> is on.
/// </summary>
/// <param name="store">The series.</param>
/// <param name="chunks">Begins chunks.</param>
/// <param name="blockRangeMs">Length of a block.</param>
internal sealed class Xor2Appender(SeriesStore store, HistogramAppender chunks, long blockRangeMs)
{
    /// <summary>Appends a float that is newer than all of its series.</summary>
    /// <returns>The number of chunks begun.</returns>
    public int Append(int series, ref SeriesState state, long timestampMs, long startMs, double value)
    {
        var open = state.HasHistogram ? store.Histograms.Get(state.Buffer) : null;
        var isBegun = open is not { WrittenEncoding: ChunkEncoding.Xor2 } || MustCut(ref state, open, timestampMs);
        if (isBegun)
        {
            open = chunks.StartChunk(series, ref state, ChunkEncoding.Xor2, CounterResetHint.Unknown, timestampMs);
            state.CutAtMs = ChunkEnd.OfBlock(timestampMs, blockRangeMs);
        }

        open!.Floats.Append(timestampMs, startMs, value);
        chunks.Publish(ref state, open);
        return isBegun ? 1 : 0;
    }

    private static bool MustCut(ref SeriesState state, OpenHistogram open, long timestampMs)
    {
        if (open.Floats.LengthBytes > SeriesAppender.MaxBytesBeforeAppend) return true;
        var count = open.Floats.Count;
        if (count == SeriesAppender.PredictAtSamples)
            state.CutAtMs = ChunkEnd.Predict(state.MinTimeMs, open.Floats.LastTimestampMs, state.CutAtMs, 4);
        return timestampMs >= state.CutAtMs || count >= SeriesAppender.MaxSamples;
    }
}
