using PromHost.Model;

namespace PromHost.Chunks.Tests;

/// <summary>
/// Native histograms as a series might have them, random from a seed: buckets come and go, counters are reset, schemas
/// and bounds change, the series ends for a while. All are valid.
/// </summary>
public sealed class HistogramSequence
{
    private const long FirstMs = 1_700_000_000_000;

    private readonly Random _random;
    private readonly bool _isInteger;
    private readonly bool _isGauge;
    private readonly bool _isCustom;
    private readonly bool _drops;
    private readonly bool _grows;
    private readonly SortedDictionary<int, double> _positive = [];
    private readonly SortedDictionary<int, double> _negative = [];
    private double[] _bounds = [];
    private double _zeroCount;
    private double _zeroThreshold = Math.ScaleB(1, -128);
    private double _sum;
    private int _schema = 3;

    private HistogramSequence(int seed)
    {
        _random = new Random(seed);
        _isInteger = seed % 2 == 0;
        _isGauge = seed / 2 % 3 == 0;
        _isCustom = seed / 6 % 3 == 0;
        // Prometheus 3.5 errs where a histogram lacks buckets of its chunk and has others that the chunk lacks.
        _drops = _isGauge || seed / 18 % 2 == 0;
        _grows = _isGauge || !_drops;
    }

    /// <summary>The samples of a seed.</summary>
    public static List<(long TimestampMs, NativeHistogram Histogram)> Make(int seed, int count)
    {
        var sequence = new HistogramSequence(seed);
        var samples = new List<(long, NativeHistogram)>(count);
        var timestampMs = FirstMs + (seed * 1000);
        sequence.Begin();
        for (var i = 0; i < count; i++)
        {
            samples.Add((timestampMs, sequence.Next(samples.Count)));
            timestampMs += sequence._random.Next(5) switch
            {
                0 => 15_001,
                1 when i % 40 == 0 => 300_000,
                2 => 14_998,
                _ => 15_000,
            };
        }

        return samples;
    }

    private void Begin()
    {
        _positive.Clear();
        _negative.Clear();
        _zeroCount = 0;
        if (_isCustom)
        {
            _bounds = [.. Enumerable.Range(0, 2 + _random.Next(6)).Select(i => (i * 0.25) + (i == 3 ? 0.1 / 3 : 0))];
            for (var i = 0; i <= _bounds.Length; i += 1 + _random.Next(2)) _positive[i] = _random.Next(5);
            return;
        }

        for (var i = _random.Next(8); i > 0; i--) _positive[_random.Next(-20, 20)] = _random.Next(9);
        for (var i = _random.Next(4); i > 0; i--) _negative[_random.Next(-9, 9)] = _random.Next(9);
        _zeroCount = _random.Next(3);
    }

    private NativeHistogram Next(int index)
    {
        var hint = _isGauge ? CounterResetHint.Gauge : CounterResetHint.Unknown;
        var kind = _random.Next(120);
        if (index > 0 && kind < 3)
        {
            hint = kind == 0 ? hint : CounterResetHint.Unknown;
            return new NativeHistogram
            {
                IsInteger = _isInteger,
                Schema = 0,
                Count = 0,
                Sum = StaleMarker.Value,
                CounterResetHint = hint,
            };
        }

        if (index > 0) Change(kind, ref hint);
        return Make(hint);
    }

    private void Change(int kind, ref CounterResetHint hint)
    {
        switch (kind)
        {
            case 3:
                Begin();
                break;
            case 4 when !_isCustom:
                _schema = _random.Next(-4, 9);
                break;
            case 5 when !_isCustom:
                _zeroThreshold = _random.Next(3) switch { 0 => 0, 1 => 0.001, _ => Math.ScaleB(1, -20) };
                break;
            case 6 when !_isGauge:
                hint = CounterResetHint.CounterReset;
                break;
            case 7 when !_isGauge:
                hint = CounterResetHint.NotCounterReset;
                break;
            case 8:
                _sum = double.NaN;
                break;
            case 9:
                _sum = _random.NextDouble();
                break;
            default:
                Observe();
                break;
        }
    }

    private void Observe()
    {
        if (_random.Next(6) == 0) return;
        if (!_isCustom && _random.Next(3) == 0) _zeroCount += Amount();
        Observe(_positive, 40);
        if (!_isCustom) Observe(_negative, 20);
        if (double.IsFinite(_sum)) _sum += _random.Next(4) == 0 ? _random.NextDouble() : _random.Next(100);
        if (_isGauge && _random.Next(3) == 0) _zeroCount = Math.Max(0, _zeroCount - 1);
        if (_isCustom) _zeroCount = 0;
    }

    private void Observe(SortedDictionary<int, double> buckets, int range)
    {
        foreach (var index in buckets.Keys.ToArray())
        {
            if (_random.Next(3) == 0) buckets[index] += Amount();
            if (_isGauge && _random.Next(5) == 0) buckets[index] = Math.Floor(buckets[index] / 2);
            if (_drops && buckets[index] == 0 && _random.Next(3) == 0) buckets.Remove(index);
        }

        if (!_grows || _random.Next(8) > 0) return;
        if (_isCustom) buckets[_random.Next(_bounds.Length + 1)] = Amount();
        else for (var i = _random.Next(3); i >= 0; i--) buckets.TryAdd(_random.Next(-range, range), Amount());
    }

    private double Amount() => _isInteger ? _random.Next(1, 1 << _random.Next(1, 24)) : _random.NextDouble() * 7;

    private NativeHistogram Make(CounterResetHint hint)
    {
        var buckets = 0.0;
        if (_isInteger)
        {
            buckets = _positive.Values.Sum() + _negative.Values.Sum() + _zeroCount;
        }
        else
        {
            // In the order in which Prometheus adds them, for it compares.
            foreach (var count in _negative.Values) buckets += count;
            var positive = 0.0;
            foreach (var count in _positive.Values) positive += count;
            buckets += positive + _zeroCount;
        }

        return new NativeHistogram
        {
            IsInteger = _isInteger,
            CounterResetHint = hint,
            Schema = _isCustom ? NativeHistogram.CustomBucketsSchema : _schema,
            ZeroThreshold = _isCustom ? 0 : _zeroThreshold,
            ZeroCount = _zeroCount,
            Count = buckets,
            Sum = _sum,
            PositiveSpans = SpansOf([.. _positive.Keys]),
            PositiveCounts = _positive.Values.ToArray(),
            NegativeSpans = SpansOf([.. _negative.Keys]),
            NegativeCounts = _negative.Values.ToArray(),
            CustomBounds = _isCustom ? _bounds : [],
        };
    }

    // Mostly the usual spans; sometimes they are cut into pieces, or an empty one is in between.
    private HistogramSpan[] SpansOf(int[] indexes)
    {
        var isOdd = _random.Next(15) == 0;
        var spans = new List<HistogramSpan>();
        for (var i = 0; i < indexes.Length; i++)
        {
            var offset = i == 0 ? indexes[0] : indexes[i] - indexes[i - 1] - 1;
            if (offset == 0 && i > 0 && !(isOdd && _random.Next(2) == 0))
            {
                spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
                continue;
            }

            if (isOdd && i > 0 && offset > 0 && _random.Next(2) == 0)
            {
                spans.Add(new HistogramSpan(1, 0));
                offset--;
            }

            spans.Add(new HistogramSpan(offset, 1));
        }

        return [.. spans];
    }
}
