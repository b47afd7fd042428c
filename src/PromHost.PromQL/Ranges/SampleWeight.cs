using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// How many samples a histogram counts for in limits and statistics: its size and that of its timestamp by the 16
/// bytes of a float sample (Prometheus 3.14, <c>HPoint.size</c>).
/// </summary>
internal static class SampleWeight
{
    /// <summary>The number of samples.</summary>
    public static int Of(NativeHistogram histogram) => (HistogramSize.BytesOf(histogram) + 8) / 16;
}
