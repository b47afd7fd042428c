// Hot path: queries decode every histogram chunk here.
using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Decodes chunks of native histograms into columns. Stateless.</summary>
internal static class HistogramColumns
{
    /// <summary>Appends the samples of a chunk that lie in a range of time.</summary>
    /// <param name="encoding">One of the histogram encodings.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="columns">Where to append; unchanged when the chunk cannot be decoded.</param>
    /// <returns>False when the bytes are no chunk of this encoding, or an empty one.</returns>
    public static bool TryAppend(
        byte encoding, ReadOnlySpan<byte> chunk, long minTimeMs, long maxTimeMs, SampleColumns columns) =>
        ChunkEncodings.TryReadCount(encoding, chunk, out var count) && count > 0 &&
        TryAppendFirst(encoding, chunk, count, minTimeMs, maxTimeMs, columns);

    /// <summary>The same for the first samples of a chunk that may grow meanwhile.</summary>
    public static bool TryAppendFirst(
        byte encoding, ReadOnlySpan<byte> chunk, int count, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        var before = columns.Count;
        // What a decoder needs is kept from chunk to chunk.
        if (columns.DecoderState is not HistogramChunkDecoder decoder)
            columns.DecoderState = decoder = new HistogramChunkDecoder();
        decoder.Start(encoding, chunk, count);
        while (decoder.TryReadNext(chunk) && decoder.TimestampMs <= maxTimeMs)
        {
            // Only what is asked for is copied.
            if (decoder.TimestampMs < minTimeMs) continue;
            var histogram = columns.Pool is { } pool ? decoder.ToNative(pool) : decoder.ToNative();
            columns.Add(decoder.TimestampMs, decoder.StartTimestampMs, histogram);
        }

        if (!decoder.IsDamaged) return true;
        columns.Truncate(before);
        return false;
    }
}
