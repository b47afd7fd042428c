using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A sample that is stored, or accepted and about to be.</summary>
/// <param name="Value">The value; the sum of a histogram.</param>
/// <param name="Histogram">The native histogram, or null when it is a float.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StoredSample(double Value, NativeHistogram? Histogram = null)
{
    /// <summary>What it is.</summary>
    public SampleKind Kind => KindOf(Histogram);

    /// <summary>What a sample is.</summary>
    public static SampleKind KindOf(NativeHistogram? histogram) => histogram switch
    {
        null => SampleKind.Float,
        { IsInteger: true } => SampleKind.IntegerHistogram,
        _ => SampleKind.FloatHistogram,
    };

    /// <summary>
    /// Is it the same sample? Floats by their bits; a stale marker is one in every kind, because senders do not know
    /// what a series was that ends.
    /// </summary>
    public bool IsSame(double value, NativeHistogram? histogram)
    {
        if (StaleMarker.Is(value)) return StaleMarker.Is(Value);
        if (Histogram is null || histogram is null)
        {
            return Histogram is null && histogram is null &&
                BitConverter.DoubleToUInt64Bits(Value) == BitConverter.DoubleToUInt64Bits(value);
        }

        return HistogramEquality.AreSame(Histogram, histogram);
    }
}
