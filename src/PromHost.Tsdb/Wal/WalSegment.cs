namespace PromHost.Tsdb;

/// <summary>A file of a write-ahead log.</summary>
/// <param name="Path">Its path below the data directory.</param>
/// <param name="Number">Its number, unique in its directory; a checkpoint counts its own segments.</param>
internal readonly record struct WalSegment(string Path, int Number);
