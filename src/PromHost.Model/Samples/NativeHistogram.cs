namespace PromHost.Model;

/// <summary>
/// A native histogram with absolute bucket counts. Nobody changes a shared one, but one that was taken from a
/// <see cref="HistogramPool"/> belongs to the pool, which writes over it.
/// </summary>
public sealed class NativeHistogram
{
    /// <summary>Schema number of histograms with custom bucket bounds.</summary>
    public const int CustomBucketsSchema = -53;

    private int _schema;
    private double _count;
    private double _sum;
    private double _zeroCount;
    private double _zeroThreshold;
    private bool _isInteger;
    private ReadOnlyMemory<HistogramSpan> _positiveSpans;
    private ReadOnlyMemory<double> _positiveCounts;
    private ReadOnlyMemory<HistogramSpan> _negativeSpans;
    private ReadOnlyMemory<double> _negativeCounts;
    private ReadOnlyMemory<double> _customBounds;
    private CounterResetHint _counterResetHint;

    /// <summary>Resolution: bounds grow by 2^(2^-schema); -4 to 8, or <see cref="CustomBucketsSchema"/>.</summary>
    public required int Schema
    {
        get => _schema;
        init => _schema = value;
    }

    /// <summary>Number of observations.</summary>
    public required double Count
    {
        get => _count;
        init => _count = value;
    }

    /// <summary>Sum of the observations.</summary>
    public required double Sum
    {
        get => _sum;
        init => _sum = value;
    }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount
    {
        get => _zeroCount;
        init => _zeroCount = value;
    }

    /// <summary>Half width of the zero bucket.</summary>
    public double ZeroThreshold
    {
        get => _zeroThreshold;
        init => _zeroThreshold = value;
    }

    /// <summary>Did the sender count in integers?</summary>
    public bool IsInteger
    {
        get => _isInteger;
        init => _isInteger = value;
    }

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint CounterResetHint
    {
        get => _counterResetHint;
        init => _counterResetHint = value;
    }

    /// <summary>Layout of <see cref="PositiveCounts"/>.</summary>
    public ReadOnlyMemory<HistogramSpan> PositiveSpans
    {
        get => _positiveSpans;
        init => _positiveSpans = value;
    }

    /// <summary>Absolute counts, one per bucket of the spans.</summary>
    public ReadOnlyMemory<double> PositiveCounts
    {
        get => _positiveCounts;
        init => _positiveCounts = value;
    }

    /// <summary>Layout of <see cref="NegativeCounts"/>.</summary>
    public ReadOnlyMemory<HistogramSpan> NegativeSpans
    {
        get => _negativeSpans;
        init => _negativeSpans = value;
    }

    /// <summary>Absolute counts, one per bucket of the spans.</summary>
    public ReadOnlyMemory<double> NegativeCounts
    {
        get => _negativeCounts;
        init => _negativeCounts = value;
    }

    /// <summary>
    /// Where an integer count is above 2^53, so that a double may not hold it: all counts as integers,
    /// <see cref="Count"/>, <see cref="ZeroCount"/>, the positive and the negative ones. Else empty.
    /// </summary>
    public ReadOnlyMemory<ulong> ExactCounts { get; init; }

    /// <summary>Upper bounds, ascending and without +Inf, for <see cref="CustomBucketsSchema"/>.</summary>
    public ReadOnlyMemory<double> CustomBounds
    {
        get => _customBounds;
        init => _customBounds = value;
    }

    /// <summary>The same histogram with another hint; bucket counts are shared.</summary>
    public NativeHistogram WithHint(CounterResetHint hint)
    {
        var copy = (NativeHistogram)MemberwiseClone();
        copy._counterResetHint = hint;
        copy.Pool = null;
        return copy;
    }

    /// <summary>The pool that it belongs to; null if nobody writes over it.</summary>
    internal HistogramPool? Pool { get; private set; }

    /// <summary>Makes one of a pool; it is written over before anybody sees it.</summary>
    internal static NativeHistogram Of(HistogramPool pool) => new() { Schema = 0, Count = 0, Sum = 0, Pool = pool };

    /// <summary>Writes over all numbers; layouts and buckets are given afterwards. For its pool.</summary>
    internal void Overwrite(in HistogramHead head)
    {
        _schema = head.Schema;
        _count = head.Count;
        _sum = head.Sum;
        _zeroCount = head.ZeroCount;
        _zeroThreshold = head.ZeroThreshold;
        _isInteger = head.IsInteger;
        _counterResetHint = head.CounterResetHint;
    }

    /// <summary>Writes over the buckets. For its pool.</summary>
    internal void Overwrite(
        ReadOnlyMemory<HistogramSpan> positiveSpans,
        ReadOnlyMemory<double> positiveCounts,
        ReadOnlyMemory<HistogramSpan> negativeSpans,
        ReadOnlyMemory<double> negativeCounts,
        ReadOnlyMemory<double> customBounds)
    {
        _positiveSpans = positiveSpans;
        _positiveCounts = positiveCounts;
        _negativeSpans = negativeSpans;
        _negativeCounts = negativeCounts;
        _customBounds = customBounds;
    }

    /// <summary>Writes over the hint. For its pool.</summary>
    internal void Overwrite(CounterResetHint hint) => _counterResetHint = hint;

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
