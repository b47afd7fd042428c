using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A sample that came out of order and is in no chunk yet.</summary>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The value; the sum of a histogram.</param>
/// <param name="StartTimestampMs">Its start timestamp; 0 is unknown.</param>
/// <param name="Histogram">The native histogram, or null when it is a float.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OutOfOrderSample(
    long TimestampMs, double Value, long StartTimestampMs = 0, NativeHistogram? Histogram = null);
