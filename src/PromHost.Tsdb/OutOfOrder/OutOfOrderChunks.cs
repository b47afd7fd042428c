using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Makes chunks of out-of-order samples and stores them. For one thread at a time.</summary>
internal sealed class OutOfOrderChunks(SeriesStore store, FullChunks fullChunks)
{
    private readonly ChunkBuilder _builder = new();
    private readonly SampleColumns _columns = new();
    private readonly List<EncodedChunk> _encoded = [];
    private readonly List<MappedChunk> _chunks = [];

    /// <summary>How samples are encoded; a chunk holds as many as one in order, when very many came at once.</summary>
    public ChunkRules Rules { get; set; } = ChunkRules.Merged;

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

    /// <summary>Appends a sample to columns, as it is read before it is in a chunk.</summary>
    public static void Add(in OutOfOrderSample sample, SampleColumns columns)
    {
        if (sample.Histogram is { } histogram)
        {
            columns.Add(sample.TimestampMs, sample.StartTimestampMs, histogram);
            // Its sender spoke of the one that was sent before it.
            columns.ForgetCounterReset(columns.Count - 1);
        }
        else
        {
            columns.Add(new FloatSample(sample.TimestampMs, sample.Value, sample.StartTimestampMs));
        }
    }

    /// <summary>Stores samples as chunks: floats and histograms in chunks of their own.</summary>
    /// <param name="series">Their series.</param>
    /// <param name="sorted">Ascending by time.</param>
    /// <returns>The chunks; valid until the next call.</returns>
    public List<MappedChunk> Write(int series, ReadOnlySpan<OutOfOrderSample> sorted)
    {
        _columns.Clear();
        foreach (ref readonly var sample in sorted)
        {
            if (sample.Histogram is null) Add(sample, _columns);
            else _columns.Add(sample.TimestampMs, sample.StartTimestampMs, sample.Histogram);
        }

        _encoded.Clear();
        _builder.Release();
        _builder.Begin(Rules, _encoded);
        _builder.Append(_columns, 0, _columns.Count);
        _builder.End();
        _columns.Clear();

        _chunks.Clear();
        var walRef = store.State(series).WalRef;
        foreach (ref readonly var chunk in CollectionsMarshal.AsSpan(_encoded))
        {
            var encoding = (byte)(chunk.Encoding | ChunkEncoding.OutOfOrderMask);
            var reference = fullChunks.Add(walRef, chunk.MinTimeMs, chunk.MaxTimeMs, encoding, chunk.Data.Span);
            _chunks.Add(new MappedChunk(chunk.MinTimeMs, chunk.MaxTimeMs, reference));
        }

        return _chunks;
    }
}
