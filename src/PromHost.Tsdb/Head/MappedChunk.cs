namespace PromHost.Tsdb;

/// <summary>A full chunk of a series.</summary>
/// <param name="MinTimeMs">Timestamp of its first sample.</param>
/// <param name="MaxTimeMs">Timestamp of its last sample.</param>
/// <param name="Reference">Where it is kept: <see cref="FullChunks"/>.</param>
internal readonly record struct MappedChunk(long MinTimeMs, long MaxTimeMs, ulong Reference);
