using System.Text;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>A native histogram as maps from bucket index to count: what scripts load and compare.</summary>
internal sealed class HistogramBuckets
{
    private readonly SortedDictionary<int, double> _positive = [];
    private readonly SortedDictionary<int, double> _negative = [];
    private int _schema;
    private double _count;
    private double _sum;
    private double _zeroCount;
    private double _zeroThreshold;
    private double[] _customBounds = [];
    private CounterResetHint _hint;

    /// <summary>Takes a histogram apart.</summary>
    public static HistogramBuckets Of(NativeHistogram histogram)
    {
        var buckets = new HistogramBuckets
        {
            _schema = histogram.Schema,
            _count = histogram.Count,
            _sum = histogram.Sum,
            _zeroCount = histogram.ZeroCount,
            _zeroThreshold = histogram.ZeroThreshold,
            _customBounds = histogram.CustomBounds.ToArray(),
            _hint = histogram.CounterResetHint,
        };
        Spread(histogram.PositiveSpans.Span, histogram.PositiveCounts.Span, buckets._positive);
        Spread(histogram.NegativeSpans.Span, histogram.NegativeCounts.Span, buckets._negative);
        return buckets;
    }

    /// <summary>Takes the notation of scripts apart.</summary>
    public static HistogramBuckets Of(HistogramLiteral literal)
    {
        var buckets = new HistogramBuckets
        {
            _schema = literal.Schema,
            _count = literal.Count,
            _sum = literal.Sum,
            _zeroCount = literal.ZeroCount,
            _zeroThreshold = literal.ZeroThreshold,
            _customBounds = [.. literal.CustomValues],
            _hint = literal.ResetHint ?? CounterResetHint.Unknown,
        };
        for (var i = 0; i < literal.PositiveBuckets.Count; i++)
            buckets._positive[literal.PositiveOffset + i] = literal.PositiveBuckets[i];
        for (var i = 0; i < literal.NegativeBuckets.Count; i++)
            buckets._negative[literal.NegativeOffset + i] = literal.NegativeBuckets[i];
        return buckets;
    }

    /// <summary>A histogram with custom buckets from classic cumulative ones.</summary>
    /// <param name="cumulative">Upper bound and count of each bucket, ascending, the last one of +Inf.</param>
    /// <param name="sum">The sum of the observations.</param>
    public static HistogramBuckets OfClassic(IReadOnlyList<(double UpperBound, double Count)> cumulative, double sum)
    {
        var buckets = new HistogramBuckets
        {
            _schema = NativeHistogram.CustomBucketsSchema,
            _count = cumulative[^1].Count,
            _sum = sum,
            _customBounds = [.. cumulative.Take(cumulative.Count - 1).Select(static b => b.UpperBound)],
        };
        for (var i = 0; i < cumulative.Count; i++)
            buckets._positive[i] = cumulative[i].Count - (i == 0 ? 0 : cumulative[i - 1].Count);
        return buckets;
    }

    /// <summary>A value of a series in the notation of scripts, repeated additions carried out.</summary>
    public static HistogramBuckets Of(in SequenceValue value)
    {
        var buckets = Of(value.Histogram!);
        if (value.Increment is null) return buckets;
        var increment = Of(value.Increment);
        var sign = Math.Sign(value.IncrementCount);
        for (var i = 0; i < Math.Abs(value.IncrementCount); i++) buckets.Add(increment, sign);
        return buckets;
    }

    /// <summary>Adds another histogram of the same or a finer resolution, times a factor.</summary>
    public void Add(HistogramBuckets other, double factor)
    {
        var coarser = other._schema - _schema;
        if (coarser < 0 || (_schema == NativeHistogram.CustomBucketsSchema && coarser != 0) ||
            !_customBounds.AsSpan().SequenceEqual(other._customBounds))
            throw new ScriptException(ScriptFailure.InvalidScript, "histograms of these schemas cannot be added");
        _count += factor * other._count;
        _sum += factor * other._sum;
        _zeroCount += factor * other._zeroCount;
        foreach (var (index, count) in other._positive) AddTo(_positive, index, coarser, factor * count);
        foreach (var (index, count) in other._negative) AddTo(_negative, index, coarser, factor * count);
    }

    /// <summary>Would a counter with these buckets be taken as reset after the given one?</summary>
    public bool IsResetAfter(HistogramBuckets earlier) =>
        _count < earlier._count || _zeroCount < earlier._zeroCount || _schema != earlier._schema ||
        _zeroThreshold != earlier._zeroThreshold || !_customBounds.AsSpan().SequenceEqual(earlier._customBounds) ||
        earlier._positive.Any(b => b.Value > _positive.GetValueOrDefault(b.Key)) ||
        earlier._negative.Any(b => b.Value > _negative.GetValueOrDefault(b.Key));

    /// <summary>Puts the histogram together, one span per run of buckets.</summary>
    /// <param name="hint">Its counter reset hint.</param>
    public NativeHistogram ToHistogram(CounterResetHint hint)
    {
        var (positiveSpans, positiveCounts) = Gather(_positive);
        var (negativeSpans, negativeCounts) = Gather(_negative);
        return new NativeHistogram
        {
            Schema = _schema,
            Count = _count,
            Sum = _sum,
            ZeroCount = _zeroCount,
            ZeroThreshold = _zeroThreshold,
            CounterResetHint = hint,
            PositiveSpans = positiveSpans,
            PositiveCounts = positiveCounts,
            NegativeSpans = negativeSpans,
            NegativeCounts = negativeCounts,
            CustomBounds = _customBounds,
        };
    }

    /// <summary>The counter reset hint as given.</summary>
    public CounterResetHint Hint => _hint;

    /// <summary>Equality as the test language has it: empty buckets do not count, floats are almost equal.</summary>
    /// <param name="other">The other histogram.</param>
    /// <param name="comparesHint">Must the counter reset hints be equal, too?</param>
    public bool IsAlmost(HistogramBuckets other, bool comparesHint) =>
        _schema == other._schema && _zeroThreshold == other._zeroThreshold &&
        AlmostEqual.Are(_count, other._count) && AlmostEqual.Are(_sum, other._sum) &&
        AlmostEqual.Are(_zeroCount, other._zeroCount) &&
        _customBounds.AsSpan().SequenceEqual(other._customBounds) &&
        AreAlmost(_positive, other._positive) && AreAlmost(_negative, other._negative) &&
        (!comparesHint || _hint == other._hint);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("{{schema:").Append(_schema).Append(" count:").Append(GoFloat.FormatPlain(_count));
        text.Append(" sum:").Append(GoFloat.FormatPlain(_sum)).Append(" z_bucket:");
        text.Append(GoFloat.FormatPlain(_zeroCount)).Append(" z_bucket_w:").Append(GoFloat.FormatPlain(_zeroThreshold));
        Append(text, " positive", _positive);
        Append(text, " negative", _negative);
        if (_customBounds.Length > 0)
            text.Append(" custom:[").AppendJoin(' ', _customBounds.Select(GoFloat.FormatPlain)).Append(']');
        return text.Append(" hint:").Append(_hint).Append("}}").ToString();
    }

    private static void Append(StringBuilder text, string name, SortedDictionary<int, double> buckets)
    {
        if (buckets.Count == 0) return;
        text.Append(name).Append(":[");
        text.AppendJoin(' ', buckets.Select(static b => b.Key + "=" + GoFloat.FormatPlain(b.Value))).Append(']');
    }

    private static void AddTo(SortedDictionary<int, double> buckets, int index, int coarser, double count)
    {
        // Bucket i of a schema ends where bucket ceil(i / 2^d) of the schema d steps coarser does.
        var target = ((index - 1) >> coarser) + 1;
        if (coarser == 0) target = index;
        buckets[target] = buckets.GetValueOrDefault(target) + count;
    }

    private static bool AreAlmost(SortedDictionary<int, double> left, SortedDictionary<int, double> right)
    {
        var filledLeft = left.Where(static b => b.Value != 0).ToArray();
        var filledRight = right.Where(static b => b.Value != 0).ToArray();
        return filledLeft.Length == filledRight.Length && filledLeft.Zip(filledRight)
            .All(static pair => pair.First.Key == pair.Second.Key &&
                AlmostEqual.Are(pair.First.Value, pair.Second.Value));
    }

    private static void Spread(
        ReadOnlySpan<HistogramSpan> spans, ReadOnlySpan<double> counts, SortedDictionary<int, double> buckets)
    {
        int index = 0, next = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++) buckets[index++] = counts[next++];
        }
    }

    private static (HistogramSpan[] Spans, double[] Counts) Gather(SortedDictionary<int, double> buckets)
    {
        var spans = new List<HistogramSpan>();
        var end = 0;
        foreach (var index in buckets.Keys)
        {
            if (spans.Count > 0 && index == end) spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            else spans.Add(new HistogramSpan(index - end, 1));
            end = index + 1;
        }

        return ([.. spans], [.. buckets.Values]);
    }
}
