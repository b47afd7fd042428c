namespace PromHost.Model;

/// <summary>The layout of a native histogram, to be read; see <see cref="NativeHistogram"/>.</summary>
public readonly ref struct HistogramShape
{
    /// <summary>Layout of the positive buckets.</summary>
    public ReadOnlySpan<HistogramSpan> PositiveSpans { get; init; }

    /// <summary>The number of positive buckets.</summary>
    public int PositiveCount { get; init; }

    /// <summary>Layout of the negative buckets.</summary>
    public ReadOnlySpan<HistogramSpan> NegativeSpans { get; init; }

    /// <summary>The number of negative buckets.</summary>
    public int NegativeCount { get; init; }

    /// <summary>Upper bounds of custom buckets.</summary>
    public ReadOnlySpan<double> CustomBounds { get; init; }
}
