// Hot path: every decoded histogram and every histogram of a row is written into memory from here.
using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>
/// Native histograms in memory that is used again: they are taken one by one and all given back at once. Whoever needs
/// one longer copies it into a pool of its own. Allocates only while it grows. Not safe for several threads.
/// </summary>
/// <remarks>Invariant: what a histogram of the pool refers to lies in the pool too.</remarks>
public sealed class HistogramPool
{
    // An object with its six layouts and counts, and its place in the list.
    private const int HistogramBytes = 200;

    private readonly List<NativeHistogram> _histograms = [];
    private readonly MemorySlabs<double> _numbers = new();
    private readonly MemorySlabs<HistogramSpan> _spans = new();
    private ReadOnlyMemory<HistogramSpan> _positiveSpans; // those shared last
    private ReadOnlyMemory<HistogramSpan> _negativeSpans;
    private ReadOnlyMemory<double> _customBounds;
    private int _taken;

    /// <summary>What it takes in memory, whether taken or not.</summary>
    public long SizeBytes => (_histograms.Count * (long)HistogramBytes) + ((_numbers.Capacity + _spans.Capacity) * 8);

    /// <summary>Takes all histograms back; the next ones are written over them.</summary>
    public void Clear()
    {
        _taken = 0;
        _numbers.Clear();
        _spans.Clear();
        _positiveSpans = default;
        _negativeSpans = default;
        _customBounds = default;
    }

    /// <summary>Takes a histogram whose buckets the caller fills in before it takes another one.</summary>
    /// <param name="head">Its numbers.</param>
    /// <param name="shape">Its layout, which is copied unless it is that of the histogram before.</param>
    /// <param name="positive">Counts to fill in, <see cref="HistogramShape.PositiveCount"/> long.</param>
    /// <param name="negative">Counts to fill in, <see cref="HistogramShape.NegativeCount"/> long.</param>
    public NativeHistogram Take(
        in HistogramHead head, in HistogramShape shape, out Span<double> positive, out Span<double> negative)
    {
        Share(shape.PositiveSpans, ref _positiveSpans);
        Share(shape.NegativeSpans, ref _negativeSpans);
        if (!MemoryMarshal.AsBytes(shape.CustomBounds).SequenceEqual(MemoryMarshal.AsBytes(_customBounds.Span)))
        {
            var bounds = _numbers.Take(shape.CustomBounds.Length);
            shape.CustomBounds.CopyTo(bounds.Span);
            _customBounds = bounds;
        }

        var positiveCounts = _numbers.Take(shape.PositiveCount);
        var negativeCounts = _numbers.Take(shape.NegativeCount);
        positive = positiveCounts.Span;
        negative = negativeCounts.Span;
        var histogram = Next();
        histogram.Overwrite(head);
        histogram.Overwrite(_positiveSpans, positiveCounts, _negativeSpans, negativeCounts, _customBounds);
        return histogram;
    }

    /// <summary>Copies a histogram, but not its exact counts, whosever it is.</summary>
    public NativeHistogram Copy(NativeHistogram histogram)
    {
        var copy = Take(
            new HistogramHead
            {
                Schema = histogram.Schema,
                Count = histogram.Count,
                Sum = histogram.Sum,
                ZeroCount = histogram.ZeroCount,
                ZeroThreshold = histogram.ZeroThreshold,
                IsInteger = histogram.IsInteger,
                CounterResetHint = histogram.CounterResetHint,
            },
            new HistogramShape
            {
                PositiveSpans = histogram.PositiveSpans.Span,
                PositiveCount = histogram.PositiveCounts.Length,
                NegativeSpans = histogram.NegativeSpans.Span,
                NegativeCount = histogram.NegativeCounts.Length,
                CustomBounds = histogram.CustomBounds.Span,
            },
            out var positive,
            out var negative);
        histogram.PositiveCounts.Span.CopyTo(positive);
        histogram.NegativeCounts.Span.CopyTo(negative);
        return copy;
    }

    /// <summary>Copies what an accumulator is now; what rounding took is not in it.</summary>
    public NativeHistogram Copy(HistogramAccumulator accumulator)
    {
        ArgumentNullException.ThrowIfNull(accumulator);
        var view = accumulator.View;
        var copy = Take(
            new HistogramHead
            {
                Schema = view.Schema,
                Count = view.Count,
                Sum = view.Sum,
                ZeroCount = view.ZeroCount,
                ZeroThreshold = view.ZeroThreshold,
                CounterResetHint = view.Hint,
            },
            new HistogramShape
            {
                PositiveSpans = view.Positive.Spans,
                PositiveCount = view.Positive.Counts.Length,
                NegativeSpans = view.Negative.Spans,
                NegativeCount = view.Negative.Counts.Length,
                CustomBounds = view.CustomBounds,
            },
            out var positive,
            out var negative);
        view.Positive.Counts.CopyTo(positive);
        view.Negative.Counts.CopyTo(negative);
        return copy;
    }

    /// <summary>The histogram itself if it was taken from this pool, else a copy.</summary>
    public NativeHistogram Own(NativeHistogram histogram) => histogram.Pool == this ? histogram : Copy(histogram);

    /// <summary>Changes the hint of a histogram of this pool.</summary>
    public void SetHint(NativeHistogram histogram, CounterResetHint hint)
    {
        ThrowUnlessOwn(histogram);
        histogram.Overwrite(hint);
    }

    /// <summary>Leaves of a histogram of this pool schema, count, sum and hint.</summary>
    public void RemoveBuckets(NativeHistogram histogram)
    {
        ThrowUnlessOwn(histogram);
        histogram.Overwrite(new HistogramHead
        {
            Schema = histogram.Schema,
            Count = histogram.Count,
            Sum = histogram.Sum,
            CounterResetHint = histogram.CounterResetHint,
        });
        histogram.Overwrite(default, default, default, default, default);
    }

    private void ThrowUnlessOwn(NativeHistogram histogram)
    {
        if (histogram.Pool != this) throw new ArgumentException("Of another owner.", nameof(histogram));
    }

    private NativeHistogram Next()
    {
        if (_taken == _histograms.Count)
            _histograms.Add(NativeHistogram.Of(this));
        return _histograms[_taken++];
    }

    private void Share(ReadOnlySpan<HistogramSpan> spans, ref ReadOnlyMemory<HistogramSpan> last)
    {
        if (MemoryMarshal.AsBytes(spans).SequenceEqual(MemoryMarshal.AsBytes(last.Span))) return;
        var copy = _spans.Take(spans.Length);
        spans.CopyTo(copy.Span);
        last = copy;
    }
}
