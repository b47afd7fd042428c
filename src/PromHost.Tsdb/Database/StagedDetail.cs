using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// A sample that waits for its commit and is more than a time and a float; a <see cref="StagedSample"/> stands for it.
/// </summary>
/// <param name="StartTimestampMs">Its start timestamp; 0 is unknown.</param>
/// <param name="Value">The value; the sum of a histogram.</param>
/// <param name="Histogram">The native histogram, or null for a float.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StagedDetail(long StartTimestampMs, double Value, NativeHistogram? Histogram)
{
    /// <summary>A native histogram.</summary>
    public StagedDetail(long startTimestampMs, NativeHistogram histogram)
        : this(startTimestampMs, histogram.Sum, histogram)
    {
    }
}
