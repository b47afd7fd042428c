using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>
/// Series that alternate between floats, histograms and nothing: a range query gives at each step what an instant
/// query gives there, bit for bit, whatever the windows before left behind.
/// </summary>
public sealed class AlternatingSeriesTests
{
    private const long StartMs = 60_000;
    private const long EndMs = 600_000;

    private static readonly string[] s_hints = ["", "counter_reset_hint:reset", "counter_reset_hint:gauge"];

    public static TheoryData<string> Functions { get; } =
    [
        "rate(X)", "increase(X)", "delta(X)", "irate(X)", "idelta(X)", "resets(X)", "changes(X)", "sum_over_time(X)",
        "avg_over_time(X)", "min_over_time(X)", "count_over_time(X)", "first_over_time(X)", "last_over_time(X)",
        "stddev_over_time(X)", "quantile_over_time(0.3, X)", "mad_over_time(X)", "deriv(X)", "predict_linear(X, 60)",
        "ts_of_max_over_time(X)", "ts_of_first_over_time(X)", "ts_of_last_over_time(X)", "present_over_time(X)",
        "absent_over_time(X)", "double_exponential_smoothing(X, 0.3, 0.6)", "rate(X anchored)", "delta(X smoothed)",
        "increase(X smoothed)", "resets(X anchored)", "changes(X anchored)", "m", "m smoothed", "timestamp(m)",
    ];

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task RangeQuery_EqualsInstantQueries_WhenSeriesAlternate(string function)
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var source = new InMemoryQuerySource().Load(10_000, MakeSeries(random, 4));
            var stepMs = random.Next(1, 30) * 3_000L;
            var range = $"m[{random.Next(1, 12) * 5}s]";
            var inner = random.Next(3) == 0 && !function.Contains("X ", StringComparison.Ordinal)
                ? $"m[{random.Next(1, 12) * 5}s:7s]"
                : range;
            var query = function.Replace("X", inner, StringComparison.Ordinal);
            var runner = new QueryRunner(source) { Features = s_features };

            var whole = await runner.RunRange(query, StartMs, EndMs, stepMs);

            var single = new List<QueryResult>();
            for (var timeMs = StartMs; timeMs <= EndMs; timeMs += stepMs)
                single.Add(await runner.RunInstant(query, timeMs));
            Points(whole.Value).Should().Equal(single.SelectMany(r => Points(r.Value)).Order(StringComparer.Ordinal),
                "seed {0}: {1} step {2}", seed, query, stepMs);
            Texts(whole).Should().Equal(
                single.SelectMany(Texts).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
                "seed {0}: {1} step {2}", seed, query, stepMs);
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task RangeQuery_GivesTheSameBits_WithAnyNumberOfWorkers(string function)
    {
        var source = new InMemoryQuerySource().Load(10_000, MakeSeries(new Random(3), 150));
        var query = function.Replace("X", "m[2m]", StringComparison.Ordinal);
        var answers = new List<string>();
        foreach (var workers in new[] { 1, 2, 3, 7 })
        {
            var runner = new QueryRunner(source) { Features = s_features, Limits = new() { Workers = workers } };
            var result = await runner.RunRange(query, StartMs, EndMs, 17_000);
            answers.Add(string.Join('\n', Points(result.Value).Concat(result.Warnings).Concat(result.Infos)) +
                result.Statistics.TotalQueryableSamples + " " + result.Statistics.SamplesRead);
        }

        answers[0].Should().NotBeEmpty();
        answers.Should().AllBe(answers[0]);
    }

    private static readonly QueryFeatures s_features = new()
    {
        ExperimentalFunctions = true,
        ExtendedRangeSelectors = true,
    };

    private static string[] Texts(QueryResult result) =>
        [.. result.Warnings.Concat(result.Infos).Order(StringComparer.Ordinal)];

    // A line per point, in an order of their own.
    private static List<string> Points(QueryValue value)
    {
        var points = new List<string>();
        switch (value)
        {
            case VectorResult vector:
                for (var i = 0; i < vector.Count; i++)
                {
                    var histogram = vector.Histograms.IsEmpty ? null : vector.Histograms.Span[i];
                    points.Add(Write(vector.Labels.Span[i], vector.TimestampMs, vector.Values.Span[i], histogram));
                }

                break;
            case MatrixResult matrix:
                foreach (var series in matrix.Series)
                {
                    for (var i = 0; i < series.Values.Length; i++)
                        points.Add(Write(series.Labels, series.TimestampsMs.Span[i], series.Values.Span[i], null));
                    for (var i = 0; i < series.Histograms.Length; i++)
                    {
                        points.Add(Write(
                            series.Labels, series.HistogramTimestampsMs.Span[i], 0, series.Histograms.Span[i]));
                    }
                }

                break;
            default:
                throw new InvalidOperationException();
        }

        points.Sort(StringComparer.Ordinal);
        return points;
    }

    private static string Write(Labels labels, long timestampMs, double value, NativeHistogram? histogram) =>
        $"{labels} {timestampMs} " + (histogram is null
            ? $"{BitConverter.DoubleToInt64Bits(value):x}"
            : HistogramNotation.Write(histogram));

    private static string[] MakeSeries(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i => $"m{{i=\"{i}\"}} {MakeSamples(random)}")];

    private static string MakeSamples(Random random)
    {
        var samples = new List<string>();
        var kind = random.Next(3);
        double counter = 0;
        for (var i = 0; i < 60; i++)
        {
            if (random.Next(6) == 0) kind = random.Next(5);
            counter = random.Next(10) == 0 ? 1 : counter + random.Next(5);
            var hint = s_hints[random.Next(8) == 0 ? random.Next(3) : 0];
            samples.Add(kind switch
            {
                0 => $"{counter}",
                1 or 2 => $"{{{{schema:{random.Next(6) / 5} count:{counter} sum:{counter / 3:R} buckets:[{counter}] " +
                    $"{hint}}}}}",
                3 => $"{{{{schema:-53 count:{counter} sum:{counter} custom_values:[5 {10 + random.Next(6) / 5}] " +
                    $"buckets:[1 {counter - 1}] {hint}}}}}",
                _ => random.Next(3) == 0 ? "stale" : "_",
            });
        }

        return string.Join(' ', samples);
    }
}
