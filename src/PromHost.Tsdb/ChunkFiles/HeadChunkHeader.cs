using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>What stands before a chunk's data in a <c>chunks_head</c> file.</summary>
/// <param name="SeriesRef">The series.</param>
/// <param name="MinTimestampMs">Time of its first sample.</param>
/// <param name="MaxTimestampMs">Time of its last sample.</param>
/// <param name="EncodingByte">Encoding, with <see cref="ChunkEncoding.OutOfOrderMask"/> where it applies.</param>
internal readonly record struct HeadChunkHeader(
    ulong SeriesRef, long MinTimestampMs, long MaxTimestampMs, byte EncodingByte)
{
    /// <summary>One of <see cref="ChunkEncoding"/>.</summary>
    public byte Encoding => (byte)(EncodingByte & ~ChunkEncoding.OutOfOrderMask);

    /// <summary>Does the chunk hold out-of-order samples?</summary>
    public bool IsOutOfOrder => (EncodingByte & ChunkEncoding.OutOfOrderMask) != 0;
}
