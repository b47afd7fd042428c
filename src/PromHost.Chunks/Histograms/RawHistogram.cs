// Hot path: filled per histogram sample of every batch and every chunk that is read.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// A native histogram as chunks and the log hold it: absolute counts that are exact, either all integers or all floats.
/// A buffer that is filled again and again; owned by one thread.
/// </summary>
/// <remarks>
/// A count is a 64-bit word: an integer, or the bits of a double. The positive and the negative side lie behind one
/// another in one array each for spans and buckets.
/// </remarks>
public sealed class RawHistogram
{
    // Integers up to here are exact as doubles. No bucket has more observations than the histogram.
    private const ulong MaxExactDouble = 1UL << 53;

    private HistogramSpan[] _spans = [];
    private ulong[] _buckets = [];
    private double[] _bounds = [];
    private int _positiveSpans;
    private int _negativeSpans;
    private int _positiveBuckets;
    private int _negativeBuckets;
    private int _boundCount;

    /// <summary>Are the counts integers?</summary>
    public bool IsInteger { get; set; }

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint CounterResetHint { get; set; }

    /// <summary>Resolution, see <see cref="NativeHistogram.Schema"/>.</summary>
    public int Schema { get; set; }

    /// <summary>Half width of the zero bucket.</summary>
    public double ZeroThreshold { get; set; }

    /// <summary>Sum of the observations; <see cref="StaleMarker"/> makes the sample a stale marker.</summary>
    public double Sum { get; set; }

    /// <summary>Number of observations, as a word.</summary>
    public ulong CountWord { get; set; }

    /// <summary>Observations in the zero bucket, as a word.</summary>
    public ulong ZeroCountWord { get; set; }

    /// <summary>Does the sample say that the series has ended for now?</summary>
    public bool IsStale => StaleMarker.Is(Sum);

    /// <summary>Does it have bounds of its own?</summary>
    public bool HasCustomBuckets => Schema == NativeHistogram.CustomBucketsSchema;

    /// <summary>Layout of <see cref="PositiveBuckets"/>.</summary>
    public Span<HistogramSpan> PositiveSpans => _spans.AsSpan(0, _positiveSpans);

    /// <summary>Layout of <see cref="NegativeBuckets"/>.</summary>
    public Span<HistogramSpan> NegativeSpans => _spans.AsSpan(_positiveSpans, _negativeSpans);

    /// <summary>Counts of the positive side, as words.</summary>
    public Span<ulong> PositiveBuckets => _buckets.AsSpan(0, _positiveBuckets);

    /// <summary>Counts of the negative side, as words.</summary>
    public Span<ulong> NegativeBuckets => _buckets.AsSpan(_positiveBuckets, _negativeBuckets);

    /// <summary>Counts of both sides, as words.</summary>
    public Span<ulong> Buckets => _buckets.AsSpan(0, _positiveBuckets + _negativeBuckets);

    /// <summary>Upper bounds of custom buckets.</summary>
    public Span<double> CustomBounds => _bounds.AsSpan(0, _boundCount);

    /// <summary>Empties everything but the kind of counts.</summary>
    public void Clear()
    {
        CounterResetHint = CounterResetHint.Unknown;
        Schema = 0;
        ZeroThreshold = 0;
        Sum = 0;
        CountWord = 0;
        ZeroCountWord = 0;
        SetSpanCounts(0, 0);
        SetBucketCounts(0, 0);
        SetBoundCount(0);
    }

    /// <summary>Makes it the stale marker of integer or float histograms.</summary>
    public void SetStale(bool isInteger)
    {
        Clear();
        IsInteger = isInteger;
        Sum = StaleMarker.Value;
    }

    /// <summary>Makes room for spans; the content is undefined.</summary>
    public void SetSpanCounts(int positive, int negative)
    {
        _positiveSpans = positive;
        _negativeSpans = negative;
        if (_spans.Length < positive + negative) _spans = new HistogramSpan[positive + negative];
    }

    /// <summary>Makes room for buckets; the content is undefined.</summary>
    public void SetBucketCounts(int positive, int negative)
    {
        _positiveBuckets = positive;
        _negativeBuckets = negative;
        if (_buckets.Length < positive + negative) _buckets = new ulong[positive + negative];
    }

    /// <summary>Makes room for bounds; the content is undefined.</summary>
    public void SetBoundCount(int count)
    {
        _boundCount = count;
        if (_bounds.Length < count) _bounds = new double[count];
    }

    /// <summary>Copies everything.</summary>
    public void Set(RawHistogram other)
    {
        IsInteger = other.IsInteger;
        CountWord = other.CountWord;
        ZeroCountWord = other.ZeroCountWord;
        SetShape(other);
        SetSpanCounts(other._positiveSpans, other._negativeSpans);
        other._spans.AsSpan(0, _positiveSpans + _negativeSpans).CopyTo(_spans);
        SetBucketCounts(other._positiveBuckets, other._negativeBuckets);
        other.Buckets.CopyTo(_buckets);
    }

    /// <summary>Copies everything but counts, buckets and their spans.</summary>
    public void SetShape(RawHistogram other)
    {
        CounterResetHint = other.CounterResetHint;
        Schema = other.Schema;
        ZeroThreshold = other.ZeroThreshold;
        Sum = other.Sum;
        SetBoundCount(other._boundCount);
        other.CustomBounds.CopyTo(_bounds);
    }

    /// <summary>Copies another one at a lower resolution: neighbouring buckets are merged.</summary>
    /// <param name="other">With a schema above the wanted one.</param>
    /// <param name="schema">The wanted schema.</param>
    public void SetReduced(RawHistogram other, int schema)
    {
        IsInteger = other.IsInteger;
        CountWord = other.CountWord;
        ZeroCountWord = other.ZeroCountWord;
        SetShape(other);
        Schema = schema;
        // No more than there were: room is made once, what is not needed is cut off.
        SetSpanCounts(other._positiveBuckets, other._negativeBuckets);
        SetBucketCounts(other._positiveBuckets, other._negativeBuckets);
        var shift = other.Schema - schema;
        var positive = BucketReduction.Run(
            other, other.PositiveSpans, other.PositiveBuckets, shift, PositiveSpans, PositiveBuckets);
        var negative = BucketReduction.Run(
            other, other.NegativeSpans, other.NegativeBuckets, shift, NegativeSpans, NegativeBuckets);
        NegativeSpans[..negative.Spans].CopyTo(_spans.AsSpan(positive.Spans));
        NegativeBuckets[..negative.Buckets].CopyTo(_buckets.AsSpan(positive.Buckets));
        SetSpanCounts(positive.Spans, negative.Spans);
        SetBucketCounts(positive.Buckets, negative.Buckets);
    }

    /// <summary>
    /// Copies a histogram. Counts of integer ones that are no integers, negative or too large lose what a 64-bit
    /// integer cannot hold.
    /// </summary>
    public void Set(NativeHistogram histogram)
    {
        IsInteger = histogram.IsInteger;
        CounterResetHint = histogram.CounterResetHint;
        Schema = histogram.Schema;
        ZeroThreshold = histogram.ZeroThreshold;
        Sum = histogram.Sum;
        CountWord = ToWord(histogram.Count);
        ZeroCountWord = ToWord(histogram.ZeroCount);
        SetSpanCounts(histogram.PositiveSpans.Length, histogram.NegativeSpans.Length);
        histogram.PositiveSpans.Span.CopyTo(PositiveSpans);
        histogram.NegativeSpans.Span.CopyTo(NegativeSpans);
        SetBucketCounts(histogram.PositiveCounts.Length, histogram.NegativeCounts.Length);
        ToWords(histogram.PositiveCounts.Span, PositiveBuckets);
        ToWords(histogram.NegativeCounts.Span, NegativeBuckets);
        if (!histogram.ExactCounts.IsEmpty) SetExact(histogram.ExactCounts.Span);
        SetBoundCount(histogram.CustomBounds.Length);
        histogram.CustomBounds.Span.CopyTo(_bounds);
    }

    /// <summary>Copies it into a histogram that is not changed any more.</summary>
    public NativeHistogram ToNative() => ToNative(
        PositiveSpans.ToArray(), NegativeSpans.ToArray(), CustomBounds.ToArray());

    /// <summary>The same with spans and bounds that are shared, not copied; they equal those of this one.</summary>
    internal NativeHistogram ToNative(HistogramSpan[] positiveSpans, HistogramSpan[] negativeSpans, double[] bounds) =>
        new()
        {
            IsInteger = IsInteger,
            CounterResetHint = CounterResetHint,
            Schema = Schema,
            ZeroThreshold = ZeroThreshold,
            Sum = Sum,
            Count = ToNumber(CountWord),
            ZeroCount = ToNumber(ZeroCountWord),
            PositiveSpans = positiveSpans,
            PositiveCounts = ToNumbers(PositiveBuckets),
            NegativeSpans = negativeSpans,
            NegativeCounts = ToNumbers(NegativeBuckets),
            CustomBounds = bounds,
            ExactCounts = IsInteger && CountWord > MaxExactDouble
                ? (ulong[])[CountWord, ZeroCountWord, .. Buckets]
                : default,
        };

    /// <summary>Copies it into a pool, without exact counts.</summary>
    public NativeHistogram ToNative(HistogramPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var native = pool.Take(
            new HistogramHead
            {
                IsInteger = IsInteger,
                CounterResetHint = CounterResetHint,
                Schema = Schema,
                ZeroThreshold = ZeroThreshold,
                Sum = Sum,
                Count = ToNumber(CountWord),
                ZeroCount = ToNumber(ZeroCountWord),
            },
            new HistogramShape
            {
                PositiveSpans = PositiveSpans,
                PositiveCount = _positiveBuckets,
                NegativeSpans = NegativeSpans,
                NegativeCount = _negativeBuckets,
                CustomBounds = CustomBounds,
            },
            out var positive,
            out var negative);
        ToNumbers(PositiveBuckets, positive);
        ToNumbers(NegativeBuckets, negative);
        return native;
    }

    private void SetExact(ReadOnlySpan<ulong> counts)
    {
        CountWord = counts[0];
        ZeroCountWord = counts[1];
        counts[2..].CopyTo(Buckets);
    }

    private ulong ToWord(double count) => IsInteger ? (ulong)count : BitConverter.DoubleToUInt64Bits(count);

    private void ToWords(ReadOnlySpan<double> counts, Span<ulong> words)
    {
        if (!IsInteger)
        {
            MemoryMarshal.Cast<double, ulong>(counts).CopyTo(words);
            return;
        }

        for (var i = 0; i < counts.Length; i++) words[i] = (ulong)counts[i];
    }

    private double ToNumber(ulong word) => IsInteger ? word : BitConverter.UInt64BitsToDouble(word);

    private double[] ToNumbers(ReadOnlySpan<ulong> words)
    {
        if (words.IsEmpty) return [];
        var numbers = new double[words.Length];
        ToNumbers(words, numbers);
        return numbers;
    }

    private void ToNumbers(ReadOnlySpan<ulong> words, Span<double> numbers)
    {
        if (!IsInteger)
        {
            MemoryMarshal.Cast<ulong, double>(words).CopyTo(numbers);
            return;
        }

        // Sums of signed differences, in Prometheus: damaged ones may be negative.
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= numbers.Length - 4; i += 4)
                Vector256.ConvertToDouble(Vector256.Create(words.Slice(i, 4)).AsInt64()).CopyTo(numbers[i..]);
        }

        for (; i < numbers.Length; i++) numbers[i] = (long)words[i];
    }
}
