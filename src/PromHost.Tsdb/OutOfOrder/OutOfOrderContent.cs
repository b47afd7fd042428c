using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// The out-of-order samples of a series as they were at one moment. Both arrays are only ever added to behind the
/// counts, or replaced, so a copy of this value stays true.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct OutOfOrderContent
{
    /// <summary>The chunks, in the order they were cut; their times may overlap.</summary>
    public MappedChunk[]? Chunks;

    /// <summary>The samples that are in no chunk yet, in the order they came.</summary>
    public OutOfOrderSample[]? Open;

    /// <summary>The number of chunks.</summary>
    public int ChunkCount;

    /// <summary>The number of samples in no chunk.</summary>
    public int OpenCount;

    /// <summary>Is there no sample?</summary>
    public readonly bool IsEmpty => ChunkCount == 0 && OpenCount == 0;

    /// <summary>The chunks.</summary>
    public readonly ReadOnlySpan<MappedChunk> AllChunks => Chunks.AsSpan(0, ChunkCount);

    /// <summary>The samples in no chunk.</summary>
    public readonly ReadOnlySpan<OutOfOrderSample> OpenSamples => Open.AsSpan(0, OpenCount);

    /// <summary>May there be a sample in a range of time (both ends inclusive)?</summary>
    public readonly bool MayOverlap(long minTimeMs, long maxTimeMs)
    {
        foreach (var chunk in AllChunks)
        {
            if (chunk.MinTimeMs <= maxTimeMs && chunk.MaxTimeMs >= minTimeMs) return true;
        }

        return OverlapsOpen(minTimeMs, maxTimeMs);
    }

    /// <summary>Is there a sample that is in no chunk in a range of time?</summary>
    public readonly bool OverlapsOpen(long minTimeMs, long maxTimeMs)
    {
        foreach (ref readonly var sample in OpenSamples)
        {
            if (sample.TimestampMs >= minTimeMs && sample.TimestampMs <= maxTimeMs) return true;
        }

        return false;
    }
}
