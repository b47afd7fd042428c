using System.Buffers;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Decodes XOR2 chunks, floats with start timestamps, into columns. Stateless.</summary>
internal static class Xor2Columns
{
    /// <summary>Appends the samples of a chunk that lie in a range of time.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="columns">Where to append; unchanged when the chunk cannot be decoded.</param>
    /// <returns>False when the bytes are no XOR2 chunk, or an empty one.</returns>
    public static bool TryAppend(ReadOnlySpan<byte> chunk, long minTimeMs, long maxTimeMs, SampleColumns columns) =>
        Xor2ChunkDecoder.TryReadCount(chunk, out var count) && count > 0 &&
        TryAppendFirst(chunk, count, minTimeMs, maxTimeMs, columns);

    /// <summary>The same for the first samples of a chunk that may grow meanwhile.</summary>
    public static bool TryAppendFirst(
        ReadOnlySpan<byte> chunk, int count, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        var times = ArrayPool<long>.Shared.Rent(2 * count);
        var values = ArrayPool<double>.Shared.Rent(count);
        try
        {
            var timestampsMs = times.AsSpan(0, count);
            var startsMs = times.AsSpan(count, count);
            if (!Xor2ChunkDecoder.TryDecodeFirst(chunk, timestampsMs, values, startsMs, out _)) return false;
            for (var i = 0; i < count; i++)
            {
                if (timestampsMs[i] >= minTimeMs && timestampsMs[i] <= maxTimeMs)
                    columns.Add(new FloatSample(timestampsMs[i], values[i], startsMs[i]));
            }

            return true;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(times);
            ArrayPool<double>.Shared.Return(values);
        }
    }
}
