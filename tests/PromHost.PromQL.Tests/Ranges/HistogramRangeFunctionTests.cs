namespace PromHost.PromQL.Tests;

/// <summary>Range functions over native histograms: what each of them makes of small series.</summary>
public sealed class HistogramRangeFunctionTests
{
    // A sample a minute, from 0 on.
    private static readonly string[] s_series =
    [
        "grows {{count:4 sum:8 buckets:[1 3]}} {{count:8 sum:16 buckets:[2 6]}} {{count:12 sum:24 buckets:[3 9]}}",
        "falls {{count:8 sum:9 buckets:[8]}} {{count:2 sum:3 buckets:[2]}} {{count:3 sum:5 buckets:[3]}}",
        "finer {{schema:1 count:4 sum:8 buckets:[4]}} {{schema:0 count:6 sum:9 buckets:[6]}} " +
            "{{schema:1 count:9 sum:12 buckets:[9] counter_reset_hint:not_reset}}",
        "level {{count:9 sum:9 buckets:[9] counter_reset_hint:gauge}} " +
            "{{count:5 sum:5 buckets:[5] counter_reset_hint:gauge}}",
        "mixed 1 2 {{count:4 sum:8 buckets:[4]}} {{count:6 sum:9 buckets:[6]}} 7",
        "kinds {{count:4 sum:8 buckets:[4]}} " +
            "{{schema:-53 count:4 sum:8 custom_values:[5] buckets:[4] " +
            "counter_reset_hint:not_reset}}",
        "bounds {{schema:-53 count:4 sum:8 custom_values:[5 10] buckets:[1 3]}} " +
            "{{schema:-53 count:6 sum:9 custom_values:[5 20] buckets:[2 4]}}",
        "hints {{count:4 sum:8 buckets:[4] counter_reset_hint:reset}} " +
            "{{count:6 sum:9 buckets:[6] counter_reset_hint:not_reset}}",
        "stale {{count:4 sum:8 buckets:[4]}} stale {{count:6 sum:9 buckets:[6]}}",
        "same {{count:4 sum:8 buckets:[4]}} {{count:4 sum:8 buckets:[4]}} {{count:4 sum:9 buckets:[4]}} 1 1",
    ];

    public static TheoryData<string, int, string> Results { get; } = new()
    {
        // The change of two minutes, carried on to the ends of the range; no counter was below zero.
        { "increase(grows[3m])", 2, "{{count:12 sum:24 counter_reset_hint:gauge buckets:[3 9]}}" },
        { "rate(grows[3m])", 2, "{{count:0.06666666666666667 sum:0.13333333333333333 counter_reset_hint:gauge " +
            "buckets:[0.016666666666666666 0.05]}}" },
        { "delta(grows[2m])", 2, "{{count:8 sum:16 counter_reset_hint:gauge buckets:[2 6]}}" },
        { "irate(grows[3m])", 2, "{{count:0.06666666666666667 sum:0.13333333333333333 counter_reset_hint:gauge " +
            "buckets:[0.016666666666666666 0.05]}}" },
        { "idelta(level[2m])", 1, "{{count:-4 sum:-4 counter_reset_hint:gauge buckets:[-4]}}" },
        { "delta(level[2m])", 1, "{{count:-8 sum:-8 counter_reset_hint:gauge buckets:[-8]}}" },
        // 8 before the reset does not count: nothing is known of what came between.
        { "increase(falls[3m])", 2, "{{count:4.5 sum:7.5 counter_reset_hint:gauge buckets:[4.5]}}" },
        { "irate(falls[2m])", 1, "{{count:0.03333333333333333 sum:0.05 counter_reset_hint:gauge " +
            "buckets:[0.03333333333333333]}}" },
        // The lowest resolution of the window.
        { "increase(finer[3m])", 2, "{{count:7.5 sum:6 counter_reset_hint:gauge buckets:[7.5]}}" },
        { "sum_over_time(grows[3m])", 2, "{{count:24 sum:48 buckets:[6 18]}}" },
        { "avg_over_time(grows[3m])", 2, "{{count:8 sum:16 buckets:[2 6]}}" },
        { "sum_over_time(bounds[2m])", 1, "{{schema:-53 count:10 sum:17 custom_values:[5] buckets:[3 7]}}" },
        { "first_over_time(grows[2m])", 2, "{{count:8 sum:16 buckets:[2 6]}}" },
        { "last_over_time(mixed[4m])", 3, "{{count:6 sum:9 buckets:[6]}}" },
        { "last_over_time(mixed[5m])", 4, "7" },
        { "first_over_time(mixed[5m])", 4, "1" },
        { "count_over_time(mixed[5m])", 4, "5" },
        { "present_over_time(grows[5m])", 4, "1" },
        { "absent_over_time(grows[5m])", 4, "" },
        { "ts_of_last_over_time(mixed[4m])", 3, "180" },
        { "ts_of_first_over_time(mixed[2m])", 3, "120" },
        { "changes(same[5m])", 4, "2" },
        { "changes(mixed[5m])", 4, "4" },
        { "resets(mixed[5m])", 4, "2" },
        { "resets(falls[3m])", 2, "1" },
        { "count_over_time(stale[3m])", 2, "2" },
        { "increase(stale[3m])", 2, "{{count:3 sum:1.5 counter_reset_hint:gauge buckets:[3]}}" },
        { "max_over_time(mixed[5m])", 4, "7" },
        { "min_over_time(grows[5m])", 4, "" },
        { "deriv(mixed[4m])", 3, "0.016666666666666666" },
        { "deriv(mixed[3m])", 3, "" },
        { "rate(mixed[5m])", 4, "" },
        { "irate(mixed[5m])", 4, "" },
        { "sum_over_time(mixed[5m])", 4, "" },
        { "increase(mixed[2m])", 3, "{{count:4 sum:2 counter_reset_hint:gauge buckets:[4]}}" },
        { "sum_over_time(mixed[2m])", 1, "3" },
        { "rate(kinds[2m])", 1, "" },
        { "irate(kinds[2m])", 1, "" },
        { "avg_over_time(kinds[2m])", 1, "" },
        { "stale", 1, "" },
        { "timestamp(grows)", 3, "120" },
    };

    public static TheoryData<string, int, string> Annotations { get; } = new()
    {
        { "rate(mixed[5m])", 4, """encountered a mix of histograms and floats for metric name "mixed" (1:6)""" },
        { "irate(mixed[5m])", 4, """encountered a mix of histograms and floats for metric name "mixed" (1:7)""" },
        { "avg_over_time(mixed[5m])", 4,
            """encountered a mix of histograms and floats for metric name "mixed" (1:15)""" },
        { "rate(level[2m])", 1, """this native histogram metric is not a counter: "level" (1:6)""" },
        { "irate(level[2m])", 1, """this native histogram metric is not a counter: "level" (1:7)""" },
        { "delta(grows[2m])", 1, """this native histogram metric is not a gauge: "grows" (1:7)""" },
        { "idelta(grows[2m])", 1, """this native histogram metric is not a gauge: "grows" (1:8)""" },
        { "sum_over_time(hints[2m])", 1, "conflicting counter resets during histogram aggregation (1:15)" },
        { "rate(kinds[2m])", 1,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " +
            """ "kinds" (1:6)""" },
        { "idelta(kinds[2m])", 1,
            """this native histogram metric is not a gauge: "kinds" (1:8)""" + "\n" +
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " +
            """ "kinds" (1:8)""" },
        { "sum_over_time(kinds[2m])", 1,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " +
            """ "kinds" (1:15)""" },
        { "sum_over_time(bounds[2m])", 1, "mismatched custom buckets were reconciled during aggregation (1:15)" },
        { "max_over_time(mixed[5m])", 4,
            "ignored histograms in a range containing both floats and histograms for metric name " +
            """ "mixed" (1:15)""" },
        { "deriv(mixed[3m])", 3,
            "ignored histograms in a range containing both floats and histograms for metric name " +
            """ "mixed" (1:7)""" },
        { "quantile_over_time(0.5, mixed[5m])", 4,
            "ignored histograms in a range containing both floats and histograms for metric name " +
            """ "mixed" (1:20)""" },
        { "max_over_time(grows[5m])", 4, "" },
        { "rate(grows[5m])", 4, "" },
        { "resets(mixed[5m])", 4, "" },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public async Task Function_GivesHistogram_WhenSeriesHasSome(string query, int minute, string expected)
    {
        var source = new InMemoryQuerySource().Load(60_000, s_series);

        var answer = await new QueryRunner(source).Instant($"({query}) and on() vector(1)", minute * 60_000L);

        (answer.Length == 0 ? answer : answer[(answer.IndexOf('}', StringComparison.Ordinal) + 2)..])
            .Should().Be(expected);
    }

    [Theory]
    [MemberData(nameof(Annotations))]
    public async Task Function_WarnsAndInforms_WhenHistogramsDoNotFit(string query, int minute, string expected)
    {
        var source = new InMemoryQuerySource().Load(60_000, s_series);

        var result = await new QueryRunner(source).RunInstant(query, minute * 60_000L);

        var texts = result.Warnings.Concat(result.Infos)
            .Where(static text => !text.Contains("might not be a counter", StringComparison.Ordinal))
            .Select(static text => text[(text.IndexOf(':', StringComparison.Ordinal) + 2)..])
            .Order(StringComparer.Ordinal);
        string.Join('\n', texts).Should().Be(expected.Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rate_AsksForCounterName_OnlyWhenItGivesFloats()
    {
        var source = new InMemoryQuerySource().Load(60_000, s_series);

        (await new QueryRunner(source).RunInstant("rate(grows[5m])", 120_000)).Infos.Should().BeEmpty();
        (await new QueryRunner(source).RunInstant("rate(mixed[5m])", 60_000)).Infos.Should().ContainSingle();
    }

    [Fact]
    public async Task Subquery_ForgetsHints_ButNotThatItIsGauge()
    {
        var source = new InMemoryQuerySource().Load(
            60_000,
            "m {{count:4 sum:8 buckets:[4] counter_reset_hint:reset}} {{count:6 sum:9 buckets:[6]}}",
            "g {{count:4 sum:8 buckets:[4] counter_reset_hint:gauge}}");
        var runner = new QueryRunner(source);

        // Seen four times over, the sample that says "reset" is no reset.
        (await runner.Instant("resets(m[2m:15s])", 60_000)).Should().Be("{} 0");
        (await runner.Instant("first_over_time(m[2m:15s])", 60_000)).Should()
            .Be("{__name__=\"m\"} {{count:4 sum:8 buckets:[4]}}");
        (await runner.Instant("last_over_time(g[2m:15s])", 60_000)).Should()
            .Be("{__name__=\"g\"} {{count:4 sum:8 counter_reset_hint:gauge buckets:[4]}}");
    }

    [Fact]
    public async Task RangeSelector_GivesSamplesAsTheyAre_WhenItIsTheQuery()
    {
        var source = new InMemoryQuerySource().Load(60_000, s_series);

        var answer = await new QueryRunner(source).Instant("mixed[4m]", 240_000);

        answer.Should().Be(
            "{__name__=\"mixed\"} 2@60000 7@240000 " +
            "{{count:4 sum:8 buckets:[4]}}@120000 {{count:6 sum:9 buckets:[6]}}@180000");
    }
}
