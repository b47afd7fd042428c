using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Encodes a part of a chunk anew: for chunks that reach over the border of a block, or of which samples are deleted.
/// Keeps its buffers; for one thread.
/// </summary>
internal sealed class ChunkCutter
{
    private readonly SampleColumns _columns = new();
    private readonly ChunkBuilder _builder = new();

    /// <summary>Encodes the samples of a chunk that lie in a range of time.</summary>
    /// <param name="encoding">The chunk's encoding; the part has the same.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="parts">
    /// Where to add the part, if a sample lies in the range; its bytes are valid until <see cref="Release"/>. What no
    /// writer of such a chunk puts into one, histograms that do not follow on one another, becomes several.
    /// </param>
    /// <returns>False when the bytes are no chunk of an encoding that is known.</returns>
    public bool TryCut(
        byte encoding, ReadOnlySpan<byte> chunk, long minTimeMs, long maxTimeMs, List<EncodedChunk> parts) =>
        TryCut(encoding, chunk, new TimeInterval(minTimeMs, maxTimeMs), [], parts);

    /// <summary>Encodes the samples of a chunk that lie in a range of time and are not deleted.</summary>
    /// <param name="encoding">The chunk's encoding; the part has the same.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="range">The range.</param>
    /// <param name="deleted">What is deleted, ascending.</param>
    /// <param name="parts">As above.</param>
    /// <returns>False when the bytes are no chunk of an encoding that is known.</returns>
    public bool TryCut(
        byte encoding,
        ReadOnlySpan<byte> chunk,
        TimeInterval range,
        ReadOnlySpan<TimeInterval> deleted,
        List<EncodedChunk> parts)
    {
        _columns.Clear();
        if (!ChunkEncodings.IsKnown(encoding) ||
            !ChunkColumns.TryAppend(encoding, chunk, range.MinTimeMs, range.MaxTimeMs, _columns))
            return false;
        DeletedIntervals.Remove(deleted, _columns, 0);
        _builder.Begin(ChunkRules.Part(encoding), parts);
        _builder.Append(_columns, 0, _columns.Count);
        _builder.End();
        return true;
    }

    /// <summary>The bytes of the parts made so far are not used any more.</summary>
    public void Release() => _builder.Release();
}
