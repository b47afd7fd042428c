using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>A sample that waits for its commit.</summary>
/// <param name="Series">Its series; the complement of it for a native histogram.</param>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The value; for a histogram see <see cref="AppendBatch.HistogramOf"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StagedSample(int Series, long TimestampMs, double Value);
