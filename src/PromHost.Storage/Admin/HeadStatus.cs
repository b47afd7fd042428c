namespace PromHost.Storage;

/// <summary>Counts of the head.</summary>
/// <param name="SeriesCount">Series in memory.</param>
/// <param name="LabelPairCount">Distinct label pairs.</param>
/// <param name="ChunkCount">Chunks, open and full ones.</param>
/// <param name="MinTimeMs">Timestamp of the oldest sample; <see cref="long.MaxValue"/> when there is none.</param>
/// <param name="MaxTimeMs">Timestamp of the newest sample; <see cref="long.MinValue"/> when there is none.</param>
public readonly record struct HeadStatus(
    long SeriesCount, long LabelPairCount, long ChunkCount, long MinTimeMs, long MaxTimeMs);
