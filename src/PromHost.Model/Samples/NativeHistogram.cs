namespace PromHost.Model;

/// <summary>A native histogram with absolute bucket counts. Nobody changes a shared one.</summary>
public sealed class NativeHistogram
{
    /// <summary>Schema number of histograms with custom bucket bounds.</summary>
    public const int CustomBucketsSchema = -53;

    private CounterResetHint _counterResetHint;

    /// <summary>Resolution: bounds grow by 2^(2^-schema); -4 to 8, or <see cref="CustomBucketsSchema"/>.</summary>
    public required int Schema { get; init; }

    /// <summary>Number of observations.</summary>
    public required double Count { get; init; }

    /// <summary>Sum of the observations.</summary>
    public required double Sum { get; init; }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount { get; init; }

    /// <summary>Half width of the zero bucket.</summary>
    public double ZeroThreshold { get; init; }

    /// <summary>Did the sender count in integers?</summary>
    public bool IsInteger { get; init; }

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint CounterResetHint
    {
        get => _counterResetHint;
        init => _counterResetHint = value;
    }

    /// <summary>Layout of <see cref="PositiveCounts"/>.</summary>
    public ReadOnlyMemory<HistogramSpan> PositiveSpans { get; init; }

    /// <summary>Absolute counts, one per bucket of the spans.</summary>
    public ReadOnlyMemory<double> PositiveCounts { get; init; }

    /// <summary>Layout of <see cref="NegativeCounts"/>.</summary>
    public ReadOnlyMemory<HistogramSpan> NegativeSpans { get; init; }

    /// <summary>Absolute counts, one per bucket of the spans.</summary>
    public ReadOnlyMemory<double> NegativeCounts { get; init; }

    /// <summary>
    /// Where an integer count is above 2^53, so that a double may not hold it: all counts as integers,
    /// <see cref="Count"/>, <see cref="ZeroCount"/>, the positive and the negative ones. Else empty.
    /// </summary>
    public ReadOnlyMemory<ulong> ExactCounts { get; init; }

    /// <summary>Upper bounds, ascending and without +Inf, for <see cref="CustomBucketsSchema"/>.</summary>
    public ReadOnlyMemory<double> CustomBounds { get; init; }

    /// <summary>The same histogram with another hint; bucket counts are shared.</summary>
    public NativeHistogram WithHint(CounterResetHint hint)
    {
        var copy = (NativeHistogram)MemberwiseClone();
        copy._counterResetHint = hint;
        return copy;
    }

    /// <summary>The same histogram with other buckets, counted in floats.</summary>
    internal NativeHistogram WithBuckets(
        ReadOnlyMemory<HistogramSpan> positiveSpans,
        ReadOnlyMemory<double> positiveCounts,
        ReadOnlyMemory<HistogramSpan> negativeSpans,
        ReadOnlyMemory<double> negativeCounts) => new()
        {
            Schema = Schema,
            Count = Count,
            Sum = Sum,
            ZeroCount = ZeroCount,
            ZeroThreshold = ZeroThreshold,
            CounterResetHint = CounterResetHint,
            PositiveSpans = positiveSpans,
            PositiveCounts = positiveCounts,
            NegativeSpans = negativeSpans,
            NegativeCounts = negativeCounts,
            CustomBounds = CustomBounds,
        };
}
