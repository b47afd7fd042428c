namespace PromHost.Tsdb;

/// <summary>A deleted range of a series in the log, both ends included.</summary>
internal readonly record struct WalTombstone(ulong Ref, long MinTimestampMs, long MaxTimestampMs);
