// Hot path: queries decode every chunk here.
using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Decodes chunks of any encoding into columns: the one way from stored bytes to samples of a query.</summary>
internal static class ChunkColumns
{
    /// <summary>Appends the samples of a chunk that lie in a range of time.</summary>
    /// <param name="encoding">The chunk's encoding, without the out-of-order mask.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="columns">Where to append; unchanged when the chunk cannot be decoded.</param>
    /// <returns>False when the bytes are no chunk of this encoding.</returns>
    public static bool TryAppend(
        byte encoding, ReadOnlySpan<byte> chunk, long minTimeMs, long maxTimeMs, SampleColumns columns) =>
        encoding switch
        {
            ChunkEncoding.Xor => XorChunkDecoder.TryReadCount(chunk, out var count) && count > 0 &&
                TryAppendFloats(chunk, count, minTimeMs, maxTimeMs, columns),
            ChunkEncoding.Xor2 => Xor2Columns.TryAppend(chunk, minTimeMs, maxTimeMs, columns),
            _ => ChunkEncodings.IsHistogram(encoding) &&
                HistogramColumns.TryAppend(encoding, chunk, minTimeMs, maxTimeMs, columns),
        };

    /// <summary>The same for the first samples of a chunk of XOR2 or histograms that may grow meanwhile.</summary>
    public static bool TryAppendFirst(
        byte encoding, ReadOnlySpan<byte> chunk, int count, long minTimeMs, long maxTimeMs, SampleColumns columns) =>
        encoding == ChunkEncoding.Xor2
            ? Xor2Columns.TryAppendFirst(chunk, count, minTimeMs, maxTimeMs, columns)
            : HistogramColumns.TryAppendFirst(encoding, chunk, count, minTimeMs, maxTimeMs, columns);

    /// <summary>The same for the first samples of an XOR chunk.</summary>
    public static bool TryAppendFloats(
        ReadOnlySpan<byte> chunk, int count, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        columns.Reserve(count, out var timestampsMs, out var values);
        if (!XorChunkDecoder.TryDecodeFirst(chunk, count, timestampsMs, values)) return false;
        var from = 0;
        var to = count;
        if (timestampsMs[0] < minTimeMs) from = LowerBound(timestampsMs[..count], minTimeMs);
        if (timestampsMs[count - 1] > maxTimeMs) to = LowerBound(timestampsMs[..count], maxTimeMs + 1);
        if (from > 0 && to > from)
        {
            timestampsMs[from..to].CopyTo(timestampsMs);
            values[from..to].CopyTo(values);
        }

        columns.Advance(Math.Max(0, to - from));
        return true;
    }

    private static int LowerBound(ReadOnlySpan<long> timestampsMs, long value)
    {
        var index = timestampsMs.BinarySearch(value);
        return index < 0 ? ~index : index;
    }
}
