using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>Range functions against a reference that walks every window from its first sample, bit for bit.</summary>
public sealed class RangeFunctionTests
{
    private static readonly double[] s_odd =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, 1e308, -1e308, StaleMarker.Value];

    public static TheoryData<string> Functions { get; } =
    [
        "rate(X)", "increase(X)", "delta(X)", "irate(X)", "idelta(X)", "resets(X)", "changes(X)",
        "sum_over_time(X)", "avg_over_time(X)", "min_over_time(X)", "max_over_time(X)", "count_over_time(X)",
        "first_over_time(X)", "last_over_time(X)", "stddev_over_time(X)", "stdvar_over_time(X)",
        "quantile_over_time(0.3, X)", "quantile_over_time(2, X)", "mad_over_time(X)", "deriv(X)",
        "predict_linear(X, 60)", "ts_of_min_over_time(X)", "ts_of_max_over_time(X)", "ts_of_first_over_time(X)",
        "ts_of_last_over_time(X)", "present_over_time(X)", "double_exponential_smoothing(X, 0.3, 0.6)",
    ];

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task Functions_EqualReference_OnRandomSeries(string function)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var samples = MakeSamples(random, withOdd: seed % 2 == 1);
            var rangeMs = random.Next(1, 40) * 5_000L;
            var stepMs = random.Next(1, 40) * 3_000L;
            var source = new InMemoryQuerySource().Add(Labels.FromPairs(("__name__", "m_total")), samples);
            var query = function.Replace("X", $"m_total[{rangeMs}ms]", StringComparison.Ordinal);

            var result = await new QueryRunner(source).RunRange(query, 100_000, 900_000, stepMs);

            var expected = Reference(function, samples, rangeMs, stepMs);
            var series = ((MatrixResult)result.Value).Series;
            var actual = series.Count == 0 ? [] : Enumerable.Range(0, series[0].Values.Length)
                .Select(i => (series[0].TimestampsMs.Span[i], BitsOf(series[0].Values.Span[i]))).ToArray();
            actual.Should().Equal(expected, "seed {0}: {1} step {2}", seed, query, stepMs);
        }
    }

    [Fact]
    public async Task Functions_GiveTheSameBits_WithAnyNumberOfWorkers()
    {
        var source = new InMemoryQuerySource();
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            source.Add(
                Labels.FromPairs(("__name__", "m_total"), ("i", $"{i}"), ("g", $"{i % 7}")),
                MakeSamples(random, withOdd: false));
        }

        string[] queries =
        [
            "m_total", "rate(m_total[2m])", "sum by (g) (rate(m_total[2m]))", "avg by (g) (m_total)",
            "stddev by (g) (sum_over_time(m_total[5m]))", "quantile_over_time(0.9, m_total[3m])",
            "sum(max_over_time(rate(m_total[1m])[5m:20s]))", "topk(3, m_total)",
        ];
        foreach (var query in queries)
        {
            var answers = new List<string>();
            foreach (var workers in new[] { 1, 2, 3, 7 })
            {
                var runner = new QueryRunner(source) { Limits = new QueryLimits { Workers = workers } };
                var result = await runner.RunRange(query, 100_000, 900_000, 15_000);
                answers.Add(string.Join('\n', ((MatrixResult)result.Value).Series.Select(s => s.Labels + " " +
                    string.Join(' ', s.Values.ToArray().Select(BitsOf)) + " " +
                    string.Join(' ', s.TimestampsMs.ToArray()))) + string.Join('\n', result.Infos) +
                    result.Statistics.TotalQueryableSamples + " " + result.Statistics.SamplesRead);
            }

            answers[0].Should().NotBeEmpty();
            answers.Should().AllBe(answers[0], query);
        }
    }

    private static long BitsOf(double value) =>
        double.IsNaN(value) ? StaleMarker.NormalNaNBits : BitConverter.DoubleToInt64Bits(value);

    private static FloatSample[] MakeSamples(Random random, bool withOdd)
    {
        var samples = new List<FloatSample>();
        var value = 0.0;
        for (var timeMs = random.NextInt64(20_000); timeMs < 1_000_000; timeMs += random.Next(1, 3) * 5_000L)
        {
            if (random.Next(30) == 0) timeMs += 60_000;
            value = random.Next(10) == 0 ? 0 : value + random.NextDouble() * 10 - (withOdd ? 5 : 0);
            if (random.Next(8) == 0) value = Math.Round(value);
            var odd = withOdd && random.Next(12) == 0;
            samples.Add(new FloatSample(timeMs, odd ? s_odd[random.Next(s_odd.Length)] : value));
        }

        return [.. samples];
    }

    private static (long, long)[] Reference(string function, FloatSample[] samples, long rangeMs, long stepMs)
    {
        var points = new List<(long, long)>();
        for (var timeMs = 100_000L; timeMs <= 900_000; timeMs += stepMs)
        {
            var window = samples.Where(s => s.TimestampMs > timeMs - rangeMs && s.TimestampMs <= timeMs &&
                !StaleMarker.Is(s.Value)).ToArray();
            if (window.Length == 0) continue;
            if (ReferenceRangeFunctions.Compute(function, window, timeMs, rangeMs) is { } value)
                points.Add((timeMs, BitsOf(value)));
        }

        return [.. points];
    }
}
