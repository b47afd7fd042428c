using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>An exemplar in the log.</summary>
internal readonly record struct WalExemplar(ulong Ref, long TimestampMs, double Value, Labels Labels);
