namespace PromHost.Tsdb;

/// <summary>
/// In the out-of-order log: the samples of a series up to here are in mapped chunks up to the one named.
/// </summary>
internal readonly record struct WalMmapMarker(ulong Ref, ulong ChunkRef);
