using PromHost.Chunks.Tests;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A float or a native histogram, compared by what a reader sees: bits, buckets with observations, and whether it is a
/// gauge. All stale markers are one: a float's becomes one of histograms where the series has these.
/// </summary>
/// <param name="value">The float; the histogram's sum.</param>
/// <param name="histogram">The histogram, or null.</param>
internal readonly struct ModelSample(double value, NativeHistogram? histogram) : IEquatable<ModelSample>
{
    public ModelSample(NativeHistogram histogram)
        : this(histogram.Sum, histogram)
    {
    }

    public double Value => value;

    public NativeHistogram? Histogram => histogram;

    public bool IsStale => StaleMarker.Is(value);

    /// <summary>What kind of chunk it is in.</summary>
    public SampleKind Kind => histogram is null ? SampleKind.Float : StoredSample.KindOf(histogram);

    private bool IsGauge => histogram!.CounterResetHint == CounterResetHint.Gauge;

    public bool Equals(ModelSample other)
    {
        if (IsStale || other.IsStale) return IsStale && other.IsStale;
        if (!HaveSameBits(value, other.Value) || Kind != other.Kind) return false;
        if (histogram is null || other.Histogram is not { } wanted) return true;
        return histogram.Schema == wanted.Schema
            && HaveSameBits(histogram.Count, wanted.Count)
            && HaveSameBits(histogram.ZeroCount, wanted.ZeroCount)
            && HaveSameBits(histogram.ZeroThreshold, wanted.ZeroThreshold)
            && IsGauge == other.IsGauge
            && histogram.CustomBounds.Span.SequenceEqual(wanted.CustomBounds.Span)
            && HaveSameBuckets(
                (histogram.PositiveSpans, histogram.PositiveCounts), (wanted.PositiveSpans, wanted.PositiveCounts))
            && HaveSameBuckets(
                (histogram.NegativeSpans, histogram.NegativeCounts), (wanted.NegativeSpans, wanted.NegativeCounts));
    }

    public override bool Equals(object? obj) => obj is ModelSample other && Equals(other);

    public override int GetHashCode() => BitConverter.DoubleToUInt64Bits(value).GetHashCode();

    public override string ToString() => histogram is null
        ? $"{value}"
        : $"{Kind} {(IsGauge ? "gauge " : "")}sum={value} count={histogram.Count} schema={histogram.Schema}";

    private static bool HaveSameBits(double left, double right) =>
        BitConverter.DoubleToUInt64Bits(left) == BitConverter.DoubleToUInt64Bits(right);

    private static bool HaveSameBuckets(
        (ReadOnlyMemory<HistogramSpan> Spans, ReadOnlyMemory<double> Counts) left,
        (ReadOnlyMemory<HistogramSpan> Spans, ReadOnlyMemory<double> Counts) right) =>
        NativeHistograms.Buckets(left.Spans, left.Counts)
            .SequenceEqual(NativeHistograms.Buckets(right.Spans, right.Counts));
}
