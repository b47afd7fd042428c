namespace PromHost.Tsdb;

/// <summary>A float sample in the log.</summary>
internal readonly record struct WalSample(ulong Ref, long TimestampMs, double Value);
