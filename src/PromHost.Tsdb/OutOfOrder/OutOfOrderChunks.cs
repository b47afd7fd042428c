using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>Makes chunks of out-of-order samples and stores them. For one thread at a time.</summary>
internal sealed class OutOfOrderChunks(SeriesStore store, FullChunks fullChunks)
{
    /// <summary>The most samples of one chunk: as of those in order, when very many came at once.</summary>
    public const int MaxSamplesPerChunk = 120;

    private readonly byte[] _buffer =
        new byte[(MaxSamplesPerChunk * XorChunkEncoder.MaxSampleBytes) + XorChunkEncoder.RequiredFreeBytes + 2];

    private readonly List<MappedChunk> _chunks = [];

    /// <summary>The samples of a series by time, each timestamp once: the first that came.</summary>
    public static OutOfOrderSample[] Sort(ReadOnlySpan<OutOfOrderSample> samples)
    {
        var sorted = samples.ToArray();
        // Stable, and nothing to do in the common case that a backlog came in its own order.
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].TimestampMs > sorted[i - 1].TimestampMs) continue;
            sorted = [.. sorted.DistinctBy(s => s.TimestampMs).OrderBy(s => s.TimestampMs)];
            break;
        }

        return sorted;
    }

    /// <summary>Stores samples as chunks.</summary>
    /// <param name="series">Their series.</param>
    /// <param name="sorted">Ascending by time.</param>
    /// <returns>The chunks; valid until the next call.</returns>
    public List<MappedChunk> Write(int series, ReadOnlySpan<OutOfOrderSample> sorted)
    {
        _chunks.Clear();
        while (sorted.Length > 0)
        {
            var count = Math.Min(sorted.Length, MaxSamplesPerChunk);
            _chunks.Add(WriteChunk(store.State(series).WalRef, sorted[..count]));
            sorted = sorted[count..];
        }

        return _chunks;
    }

    private MappedChunk WriteChunk(ulong walRef, ReadOnlySpan<OutOfOrderSample> sorted)
    {
        var encoder = XorChunkEncoder.Start(_buffer);
        foreach (ref readonly var sample in sorted) encoder.Append(_buffer, sample.TimestampMs, sample.Value);
        var minMs = sorted[0].TimestampMs;
        var maxMs = sorted[^1].TimestampMs;
        const byte Encoding = ChunkEncoding.Xor | ChunkEncoding.OutOfOrderMask;
        var reference = fullChunks.Add(walRef, minMs, maxMs, Encoding, _buffer.AsSpan(0, encoder.LengthBytes));
        return new MappedChunk(minMs, maxMs, reference);
    }
}
