using System.Runtime.InteropServices;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>How samples become chunks.</summary>
/// <param name="MaxSamples">The most samples of a chunk.</param>
/// <param name="Encoding">The encoding that every sample is of; 0: what the samples need.</param>
/// <param name="WritesXor2">Are floats written as XOR2? Only with Prometheus's feature <c>xor2-encoding</c>.</param>
/// <param name="WritesStartTimestamps">
/// Are start timestamps of floats kept, in an encoding that Prometheus before 3.14 cannot read? Only with its feature
/// <c>st-storage</c>.
/// </param>
/// <param name="WritesHistogramStartTimestamps">
/// The same for histograms. Only with its feature <c>histograms-st-encoding</c>.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChunkRules(
    int MaxSamples,
    byte Encoding = 0,
    bool WritesXor2 = false,
    bool WritesStartTimestamps = false,
    bool WritesHistogramStartTimestamps = false)
{
    /// <summary>As Prometheus encodes what it merges (<c>storage.NewSeriesToChunkEncoder</c>).</summary>
    public static ChunkRules Merged => new(MaxSamples: 120);

    /// <summary>The same with what a database's options allow.</summary>
    public static ChunkRules Of(DatabaseOptions options) => Merged with
    {
        WritesXor2 = options.Xor2Encoding,
        WritesStartTimestamps = options.StoreStartTimestamps,
        WritesHistogramStartTimestamps = options.HistogramStartTimestamps,
    };

    /// <summary>May a chunk of an encoding be written?</summary>
    public bool Allows(byte encoding) => encoding switch
    {
        ChunkEncoding.Xor2 => WritesXor2 || WritesStartTimestamps,
        _ => WritesHistogramStartTimestamps || !ChunkEncodings.HasStartTimestamps(encoding),
    };

    /// <summary>As Prometheus encodes what is left of a chunk: one again, of the same encoding.</summary>
    public static ChunkRules Part(byte encoding) => new(ushort.MaxValue, encoding);
}
