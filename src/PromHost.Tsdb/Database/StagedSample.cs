using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>A sample that waits for its commit.</summary>
/// <param name="Series">Its series; the complement of it where there is a <see cref="StagedDetail"/>.</param>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The value; where there is a detail see <see cref="AppendBatch.DetailOf"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StagedSample(int Series, long TimestampMs, double Value);
