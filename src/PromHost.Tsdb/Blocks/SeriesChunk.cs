namespace PromHost.Tsdb;

/// <summary>A chunk as the index of a block lists it.</summary>
/// <param name="MinTimeMs">Timestamp of its first sample.</param>
/// <param name="MaxTimeMs">Timestamp of its last sample.</param>
/// <param name="Reference">Where it is: for <see cref="ChunkSegmentReader"/>.</param>
internal readonly record struct SeriesChunk(long MinTimeMs, long MaxTimeMs, ulong Reference);
