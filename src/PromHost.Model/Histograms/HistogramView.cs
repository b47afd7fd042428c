namespace PromHost.Model;

/// <summary>A histogram, to be read, whoever owns it. What its schema does not use is empty.</summary>
internal readonly ref struct HistogramView
{
    /// <summary>Makes a view of a histogram.</summary>
    public HistogramView(NativeHistogram histogram)
    {
        Schema = histogram.Schema;
        Count = histogram.Count;
        Sum = histogram.Sum;
        Hint = histogram.CounterResetHint;
        Positive = new BucketView(histogram.PositiveSpans.Span, histogram.PositiveCounts.Span, default);
        if (Schema == NativeHistogram.CustomBucketsSchema)
        {
            CustomBounds = histogram.CustomBounds.Span;
            return;
        }

        ZeroCount = histogram.ZeroCount;
        ZeroThreshold = histogram.ZeroThreshold;
        Negative = new BucketView(histogram.NegativeSpans.Span, histogram.NegativeCounts.Span, default);
    }

    /// <summary>The schema.</summary>
    public int Schema { get; init; }

    /// <summary>Number of observations.</summary>
    public double Count { get; init; }

    /// <summary>Sum of the observations.</summary>
    public double Sum { get; init; }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount { get; init; }

    /// <summary>What rounding has taken from <see cref="ZeroCount"/>.</summary>
    public double ZeroLost { get; init; }

    /// <summary>Half width of the zero bucket.</summary>
    public double ZeroThreshold { get; init; }

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint Hint { get; init; }

    /// <summary>The positive buckets.</summary>
    public BucketView Positive { get; init; }

    /// <summary>The negative buckets.</summary>
    public BucketView Negative { get; init; }

    /// <summary>Upper bounds of custom buckets.</summary>
    public ReadOnlySpan<double> CustomBounds { get; init; }

    /// <summary>Are the buckets custom ones?</summary>
    public bool HasCustomBuckets => Schema == NativeHistogram.CustomBucketsSchema;
}
