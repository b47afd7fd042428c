using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>A float sample.</summary>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The value; see <see cref="StaleMarker"/> for the one with a special meaning.</param>
/// <param name="StartTimestampMs">When the counter started, milliseconds since the Unix epoch; 0 is unknown.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FloatSample(long TimestampMs, double Value, long StartTimestampMs = 0);
