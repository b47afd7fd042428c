using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>How full and long the chunks of a block are, as <c>promtool tsdb analyze --extended</c> tells.</summary>
public sealed class ChunkAnalysis
{
    private readonly SampleColumns _columns = new();

    /// <summary>All chunks.</summary>
    public long TotalChunks { get; private set; }

    /// <summary>Chunks of floats by their samples.</summary>
    public SortedDictionary<int, long> FloatSamples { get; } = [];

    /// <summary>Chunks of floats by their bytes.</summary>
    public SortedDictionary<int, long> FloatBytes { get; } = [];

    /// <summary>Chunks of native histograms by their samples.</summary>
    public SortedDictionary<int, long> HistogramSamples { get; } = [];

    /// <summary>Chunks of native histograms by their bytes.</summary>
    public SortedDictionary<int, long> HistogramBytes { get; } = [];

    /// <summary>Chunks of native histograms by the buckets of all their samples.</summary>
    public SortedDictionary<int, long> HistogramBuckets { get; } = [];

    /// <summary>Takes note of a chunk.</summary>
    /// <param name="encoding">Its encoding byte.</param>
    /// <param name="chunk">Its data.</param>
    /// <returns>False when it cannot be decoded.</returns>
    public bool TryAdd(byte encoding, ReadOnlySpan<byte> chunk)
    {
        if (!ChunkEncodings.TryReadCount(encoding, chunk, out var samples)) return false;
        TotalChunks++;
        if (ChunkEncodings.IsFloat(encoding))
        {
            Count(FloatSamples, samples);
            Count(FloatBytes, chunk.Length);
            return true;
        }

        Count(HistogramSamples, samples);
        Count(HistogramBytes, chunk.Length);
        _columns.Clear();
        if (!ChunkColumns.TryAppend(encoding, chunk, long.MinValue, long.MaxValue, _columns)) return false;
        var buckets = 0;
        foreach (var histogram in _columns.Histograms)
            buckets += histogram!.PositiveCounts.Length + histogram.NegativeCounts.Length;
        Count(HistogramBuckets, buckets);
        return true;
    }

    private static void Count(SortedDictionary<int, long> counts, int value) =>
        counts[value] = counts.GetValueOrDefault(value) + 1;
}
