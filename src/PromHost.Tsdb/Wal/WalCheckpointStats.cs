namespace PromHost.Tsdb;

/// <summary>What became of a log's oldest segments when a checkpoint took their place.</summary>
/// <param name="DroppedSeries">Series that are not in it any more.</param>
/// <param name="Entries">Entries of records read: series, samples, tombstones, exemplars.</param>
/// <param name="DroppedEntries">Those left out.</param>
internal readonly record struct WalCheckpointStats(long DroppedSeries, long Entries, long DroppedEntries);
