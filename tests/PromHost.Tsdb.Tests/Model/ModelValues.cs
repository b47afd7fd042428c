using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Values of the series of a model: some have floats, some one kind of native histogram, some change between all kinds.
/// Counters grow with time, in whatever order they are asked for, get new buckets, and are reset now and then.
/// </summary>
internal static class ModelValues
{
    private const long CycleMs = 50 * 60_000;
    private const long SpellMs = 20 * 60_000;
    private const int Styles = 8;

    /// <summary>A value.</summary>
    /// <param name="series">The number of the series, which says what it has.</param>
    /// <param name="timestampMs">The time.</param>
    /// <param name="random">Of all that does not depend on the time.</param>
    public static ModelSample Next(int series, long timestampMs, Random random)
    {
        var style = series % Styles;
        // The kind changes with time, or with every sample.
        if (style == 7) style = (int)(timestampMs / SpellMs % Styles);
        if (style == 6) style = random.Next(6);
        var isStale = random.Next(12) == 0;
        if (style is < 2 or >= 6) return new ModelSample(isStale ? StaleMarker.Value : NextFloat(random), null);
        // A sender that knows no histogram's end sends the marker of floats.
        if (isStale && random.Next(2) == 0) return new ModelSample(StaleMarker.Value, null);
        var isInteger = style is 2 or 3;
        if (isStale) return new ModelSample(HistogramGroup.StaleOf(isInteger));
        return style % 2 == 0
            ? new ModelSample(Counter(timestampMs, isInteger, isCustom: series % 3 == 0))
            : new ModelSample(Gauge(isInteger, random));
    }

    /// <summary>Another value of the same kind; a stale marker stays one.</summary>
    public static ModelSample Other(ModelSample sample) => sample.Histogram is not { } histogram
        ? new ModelSample(sample.Value + 1, null)
        : new ModelSample(new NativeHistogram
        {
            IsInteger = histogram.IsInteger,
            CounterResetHint = histogram.CounterResetHint,
            Schema = histogram.Schema,
            Count = histogram.Count,
            Sum = histogram.Sum + 1,
            ZeroCount = histogram.ZeroCount,
            ZeroThreshold = histogram.ZeroThreshold,
            PositiveSpans = histogram.PositiveSpans,
            PositiveCounts = histogram.PositiveCounts,
            NegativeSpans = histogram.NegativeSpans,
            NegativeCounts = histogram.NegativeCounts,
            CustomBounds = histogram.CustomBounds,
        });

    private static double NextFloat(Random random) => random.Next(9) switch
    {
        0 => random.NextDouble(),
        1 => double.NegativeInfinity,
        _ => random.Next(5),
    };

    private static NativeHistogram Counter(long timestampMs, bool isInteger, bool isCustom)
    {
        var (cycle, inCycleMs) = Math.DivRem(timestampMs, CycleMs);
        var buckets = 1 + (int)(inCycleMs * 6 / CycleMs);
        var unit = isInteger ? 1 : 0.5;
        var counts = new double[buckets];
        for (var i = 0; i < buckets; i++) counts[i] = unit * ((inCycleMs / (1000 * (i + 1))) + 1);
        var zero = isCustom ? 0 : unit * (inCycleMs / 60_000);
        return new NativeHistogram
        {
            IsInteger = isInteger,
            Schema = isCustom ? NativeHistogram.CustomBucketsSchema : (int)(cycle % 4),
            ZeroThreshold = isCustom ? 0 : 0.001,
            ZeroCount = zero,
            Count = counts.Sum() + zero,
            Sum = inCycleMs / 4.0,
            // The second span begins behind a gap.
            PositiveSpans = buckets < 3 || isCustom
                ? new HistogramSpan[] { new(0, (uint)buckets) }
                : new HistogramSpan[] { new(-3, 2), new(2, (uint)buckets - 2) },
            PositiveCounts = counts,
            CustomBounds = isCustom ? new[] { 0.1, 0.2, 0.5, 1, 2, 5, 10 + (cycle % 2) } : [],
        };
    }

    private static NativeHistogram Gauge(bool isInteger, Random random)
    {
        var unit = isInteger ? 1 : 0.25;
        var positive = Enumerable.Range(0, random.Next(1, 5)).Select(_ => unit * random.Next(4)).ToArray();
        var negative = Enumerable.Range(0, random.Next(3)).Select(_ => unit * random.Next(4)).ToArray();
        return new NativeHistogram
        {
            IsInteger = isInteger,
            CounterResetHint = CounterResetHint.Gauge,
            Schema = 1,
            ZeroThreshold = 0.01,
            Count = positive.Sum() + negative.Sum(),
            Sum = random.Next(20),
            PositiveSpans = new HistogramSpan[] { new(random.Next(-2, 3), (uint)positive.Length) },
            PositiveCounts = positive,
            NegativeSpans = negative.Length == 0 ? [] : new HistogramSpan[] { new(1, (uint)negative.Length) },
            NegativeCounts = negative,
        };
    }
}
