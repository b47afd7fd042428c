using System.Globalization;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>
/// Random series that are hard on a row per series: they come and go, alternate between floats and native histograms,
/// lose their partners, have gaps, stale markers, counter resets, NaN and infinities.
/// </summary>
internal sealed class FuzzData
{
    /// <summary>How much time a set of data covers.</summary>
    public const long SpanMs = SampleCount * IntervalMs;

    /// <summary>The distance of two samples of a series; none has two between two multiples of it.</summary>
    public const long IntervalMs = 15_000;

    private const int SampleCount = 160;

    private readonly Random _random;
    private readonly long _startMs;
    private readonly Random? _types;
    private readonly Dictionary<string, List<(string Name, string Value)>> _typeOf = new(StringComparer.Ordinal);
    private readonly List<FuzzSeries> _series = [];

    private FuzzData(Random random, long startMs, Random? types)
    {
        _random = random;
        _startMs = startMs;
        _types = types;
    }

    /// <summary>Makes a set of data; the same for the same seed and start.</summary>
    /// <param name="seed">What decides.</param>
    /// <param name="startMs">Where it begins.</param>
    /// <param name="isTyped">Do most series have labels for their type and unit?</param>
    public static IReadOnlyList<FuzzSeries> Make(int seed, long startMs, bool isTyped = false)
    {
        var data = new FuzzData(new Random(seed), startMs, isTyped ? new Random(seed) : null);
        foreach (var job in (string[])["a", "b"])
        {
            for (var i = 1; i <= 3; i++) data.AddInstance(job, string.Create(CultureInfo.InvariantCulture, $"i{i}"));
            data.AddClassic("b_bucket", job, withNative: false);
            data.AddClassic("k", job, withNative: true);
        }

        return data._series;
    }

    private void AddInstance(string job, string instance)
    {
        AddFloats("g", job, instance, Walk());
        AddFloats("f", job, instance, Walk());
        AddFloats("u", job, instance, () => (_random.NextDouble() * 200) - 100);
        AddFloats("c_total", job, instance, Counter());
        AddHistograms("h", job, instance, Exponential(CounterResetHint.Unknown));
        AddHistograms("hg", job, instance, Exponential(CounterResetHint.Gauge));
        AddHistograms("hc", job, instance, Custom([1, 5, 10]));
        AddMixed("x", job, instance);
        for (var version = 1; version <= 2; version++)
        {
            Add("target_info", Presence(), _ => (1, null), ("instance", instance), ("job", job),
                ("version", string.Create(CultureInfo.InvariantCulture, $"v{version}")));
        }
    }

    private void AddFloats(string metric, string job, string instance, Func<double> next) =>
        Add(metric, Presence(), _ => (Special(next()), null), ("instance", instance), ("job", job));

    private void AddHistograms(string metric, string job, string instance, Func<NativeHistogram> next) =>
        Add(metric, Presence(), _ => (0, next()), ("instance", instance), ("job", job));

    private void AddMixed(string metric, string job, string instance)
    {
        var kinds = Presence();
        var walk = Walk();
        var histograms = Exponential(CounterResetHint.Unknown);
        Add(metric, Presence(), i => kinds[i] ? (walk(), null) : (0, histograms()),
            ("instance", instance), ("job", job));
    }

    private void AddClassic(string metric, string job, bool withNative)
    {
        string[] bounds = ["0.5", "1", "5", "+Inf"];
        var presence = Presence();
        var counts = new double[SampleCount][];
        var sums = new double[bounds.Length];
        for (var i = 0; i < SampleCount; i++)
        {
            if (_random.Next(40) == 0) Array.Clear(sums);
            for (var bucket = _random.Next(bounds.Length); bucket < bounds.Length; bucket++) sums[bucket] += 1;
            counts[i] = [.. sums];
        }

        for (var bucket = 0; bucket < bounds.Length; bucket++)
        {
            var at = bucket;
            Add(metric, presence, i => (counts[i][at], null), ("job", job), ("le", bounds[bucket]));
        }

        if (!withNative) return;
        var next = Exponential(CounterResetHint.Unknown);
        Add(metric, Presence(), _ => (0, next()), ("job", job));
    }

    private void Add(
        string metric, bool[] presence, Func<int, (double Value, NativeHistogram? Histogram)> sample,
        params (string Name, string Value)[] labels)
    {
        // Some series have their samples exactly on the steps of queries.
        var shiftMs = _random.Next(3) == 0 ? 0 : _random.Next(1, (int)IntervalMs);
        var samples = new List<(long, double, NativeHistogram?)>();
        var wasHistogram = false;
        for (var i = 0; i < SampleCount; i++)
        {
            var timeMs = _startMs + (i * IntervalMs) + shiftMs;
            if (presence[i])
            {
                var (value, histogram) = sample(i);
                wasHistogram = histogram is not null;
                samples.Add((timeMs, value, histogram));
            }
            else if (i > 0 && presence[i - 1] && _random.Next(2) == 0)
            {
                samples.Add((timeMs, StaleMarker.Value, wasHistogram ? StaleHistogram : null));
            }
        }

        _series.Add(new FuzzSeries([("__name__", metric), .. TypeAndUnit(metric, labels), .. labels], samples));
    }

    // Of one series of a metric and of another they may be different, as after a restart with another version; not of
    // the buckets of a histogram.
    private List<(string Name, string Value)> TypeAndUnit(string metric, (string Name, string Value)[] labels)
    {
        if (_types is null || metric is "target_info") return [];
        var series = metric + string.Join(',', labels.Where(static label => label.Name != "le"));
        if (_typeOf.TryGetValue(series, out var known)) return known;
        var added = new List<(string, string)>();
        if (_types.Next(8) > 0)
            added.Add(("__type__", _types.Next(5) > 0 ? "counter" : metric[0] == 'h' ? "histogram" : "gauge"));
        if (_types.Next(4) == 0) added.Add(("__unit__", "seconds"));
        return _typeOf[series] = added;
    }

    // Mostly long runs of presence, with gaps from one sample to longer than the lookback.
    private bool[] Presence()
    {
        var presence = new bool[SampleCount];
        var isPresent = _random.Next(4) > 0;
        for (var i = 0; i < SampleCount;)
        {
            var run = isPresent ? _random.Next(4, 60) : _random.Next(1, _random.Next(3) == 0 ? 40 : 5);
            for (var end = Math.Min(SampleCount, i + run); i < end; i++) presence[i] = isPresent;
            isPresent = !isPresent;
        }

        return presence;
    }

    private double Special(double value) => _random.Next(300) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        < 6 => 0,
        _ => value,
    };

    // Halves, so that sums are exact in whatever order they are made.
    private Func<double> Walk()
    {
        double value = _random.Next(-10, 20);
        return () => value += _random.Next(-4, 5) / 2.0;
    }

    private Func<double> Counter()
    {
        double value = _random.Next(100);
        return () => value = _random.Next(30) == 0 ? _random.Next(5) : value + _random.Next(10);
    }

    // A counter that observes more and more, with resets, or a gauge; now and then in another resolution. Never with
    // few observations: where rates are extrapolated to, if the count would begin at 0, has changed since 3.5.
    private Func<NativeHistogram> Exponential(CounterResetHint hint)
    {
        var schema = _random.Next(-1, 3);
        var positive = new double[_random.Next(1, 6)];
        var negative = new double[_random.Next(3)];
        var zero = 0.0;
        Array.Fill(positive, 100);
        var offset = _random.Next(-3, 3);
        return () =>
        {
            if (hint == CounterResetHint.Gauge || _random.Next(25) == 0)
            {
                foreach (ref var count in positive.AsSpan()) count = 100 + _random.Next(8);
                foreach (ref var count in negative.AsSpan()) count = _random.Next(4);
                zero = _random.Next(3);
                if (_random.Next(6) == 0) schema = _random.Next(-1, 3);
            }

            foreach (ref var count in positive.AsSpan()) count += _random.Next(3);
            foreach (ref var count in negative.AsSpan()) count += _random.Next(2);
            zero += _random.Next(2);
            return new NativeHistogram
            {
                Schema = schema,
                Count = positive.Sum() + negative.Sum() + zero,
                Sum = (positive.Sum() * 2) - negative.Sum(),
                ZeroCount = zero,
                ZeroThreshold = 0.0009765625,
                IsInteger = true,
                CounterResetHint = hint,
                PositiveSpans = new HistogramSpan[] { new(offset, (uint)positive.Length) },
                PositiveCounts = (double[])positive.Clone(),
                NegativeSpans = negative.Length == 0 ? [] : new HistogramSpan[] { new(0, (uint)negative.Length) },
                NegativeCounts = (double[])negative.Clone(),
            };
        };
    }

    private Func<NativeHistogram> Custom(double[] bounds)
    {
        var counts = new double[bounds.Length + 1];
        Array.Fill(counts, 50);
        return () =>
        {
            if (_random.Next(30) == 0) Array.Fill(counts, 50 + _random.Next(2));
            foreach (ref var count in counts.AsSpan()) count += _random.Next(3);
            return new NativeHistogram
            {
                Schema = NativeHistogram.CustomBucketsSchema,
                Count = counts.Sum(),
                Sum = counts.Sum() * 3,
                IsInteger = true,
                PositiveSpans = new HistogramSpan[] { new(0, (uint)counts.Length) },
                PositiveCounts = (double[])counts.Clone(),
                CustomBounds = bounds,
            };
        };
    }

    private static NativeHistogram StaleHistogram { get; } = new()
    {
        Schema = 0,
        Count = 0,
        Sum = StaleMarker.Value,
        IsInteger = true,
    };
}
