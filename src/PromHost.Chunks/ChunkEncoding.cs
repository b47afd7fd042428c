namespace PromHost.Chunks;

/// <summary>The encoding bytes that say how a chunk's data is to be read (Prometheus <c>tsdb/chunkenc</c>).</summary>
public static class ChunkEncoding
{
    /// <summary>No data; never stored.</summary>
    public const byte None = 0;

    /// <summary>Float samples, see <see cref="XorChunkEncoder"/>.</summary>
    public const byte Xor = 1;

    /// <summary>Integer native histograms, see <see cref="HistogramChunkEncoder"/>.</summary>
    public const byte Histogram = 2;

    /// <summary>Float native histograms, see <see cref="HistogramChunkEncoder"/>.</summary>
    public const byte FloatHistogram = 3;

    /// <summary>Float samples with start timestamps; read by Prometheus from 3.11 on only.</summary>
    public const byte Xor2 = 4;

    /// <summary>Integer native histograms with start timestamps; read by Prometheus from 3.14 on only.</summary>
    public const byte HistogramSt = 5;

    /// <summary>Float native histograms with start timestamps; read by Prometheus from 3.14 on only.</summary>
    public const byte FloatHistogramSt = 6;

    /// <summary>
    /// Set on top of an encoding in <c>chunks_head</c> files when the chunk holds out-of-order samples. Never set in
    /// blocks.
    /// </summary>
    public const byte OutOfOrderMask = 0x80;
}
