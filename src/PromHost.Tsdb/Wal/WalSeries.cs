using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A series as the log introduces it.</summary>
internal readonly record struct WalSeries(ulong Ref, Labels Labels);
