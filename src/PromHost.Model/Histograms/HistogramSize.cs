namespace PromHost.Model;

/// <summary>
/// How large a native histogram is for limits on samples: Prometheus 3.14 (<c>FloatHistogram.Size</c>) counts 16 bytes
/// as one sample. Stateless.
/// </summary>
public static class HistogramSize
{
    // What its struct takes on a 64 bit machine, and an element of any of its lists.
    private const int FixedBytes = 168;
    private const int ElementBytes = 8;

    /// <summary>The size that Prometheus would count, in bytes.</summary>
    public static int BytesOf(NativeHistogram histogram)
    {
        var elements = histogram.PositiveSpans.Length + histogram.PositiveCounts.Length + histogram.CustomBounds.Length
            + histogram.NegativeSpans.Length + histogram.NegativeCounts.Length;
        return FixedBytes + elements * ElementBytes;
    }
}
