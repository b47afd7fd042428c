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

    /// <summary>Encodes the samples of a chunk that lie in a range of time.</summary>
    /// <param name="encoding">The chunk's encoding; the part has the same.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="part">The part in memory of its own; without data when no sample lies in the range.</param>
    /// <returns>False when the bytes are no chunk of an encoding that is known.</returns>
    public bool TryCut(
        byte encoding, ReadOnlySpan<byte> chunk, long minTimeMs, long maxTimeMs, out EncodedChunk part) =>
        TryCut(encoding, chunk, new TimeInterval(minTimeMs, maxTimeMs), [], out part);

    /// <summary>Encodes the samples of a chunk that lie in a range of time and are not deleted.</summary>
    /// <param name="encoding">The chunk's encoding; the part has the same.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="range">The range.</param>
    /// <param name="deleted">What is deleted, ascending.</param>
    /// <param name="part">The part in memory of its own; without data when no sample is left.</param>
    /// <returns>False when the bytes are no chunk of an encoding that is known.</returns>
    public bool TryCut(
        byte encoding,
        ReadOnlySpan<byte> chunk,
        TimeInterval range,
        ReadOnlySpan<TimeInterval> deleted,
        out EncodedChunk part)
    {
        part = default;
        _columns.Clear();
        if (encoding != ChunkEncoding.Xor ||
            !ChunkColumns.TryAppend(encoding, chunk, range.MinTimeMs, range.MaxTimeMs, _columns))
            return false;
        DeletedIntervals.Remove(deleted, _columns, 0);
        if (_columns.Count > 0) part = EncodeFloats();
        return true;
    }

    private EncodedChunk EncodeFloats()
    {
        var timestampsMs = _columns.TimestampsMs;
        var values = _columns.Values;
        var size = (timestampsMs.Length * XorChunkEncoder.MaxSampleBytes) + (2 * XorChunkEncoder.RequiredFreeBytes);
        var bytes = new byte[size];
        var encoder = XorChunkEncoder.Start(bytes);
        for (var i = 0; i < timestampsMs.Length; i++) encoder.Append(bytes, timestampsMs[i], values[i]);
        return new EncodedChunk(
            timestampsMs[0], timestampsMs[^1], ChunkEncoding.Xor, bytes.AsMemory(0, encoder.LengthBytes));
    }
}
