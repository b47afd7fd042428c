using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>How samples become chunks.</summary>
/// <param name="MaxSamples">The most samples of a chunk.</param>
/// <param name="Encoding">The encoding that every sample is of; 0: what the samples need.</param>
/// <param name="WritesXor2">Are floats written as XOR2? Only with Prometheus's feature <c>xor2-encoding</c>.</param>
/// <param name="WritesStartTimestamps">
/// Are start timestamps kept, in encodings that Prometheus before 3.14 cannot read? Only with its feature
/// <c>st-storage</c>.
/// </param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChunkRules(
    int MaxSamples, byte Encoding = 0, bool WritesXor2 = false, bool WritesStartTimestamps = false)
{
    /// <summary>As Prometheus encodes what it merges (<c>storage.NewSeriesToChunkEncoder</c>).</summary>
    public static ChunkRules Merged => new(MaxSamples: 120);

    /// <summary>As Prometheus encodes what is left of a chunk: one again, of the same encoding.</summary>
    public static ChunkRules Part(byte encoding) => new(ushort.MaxValue, encoding);
}
