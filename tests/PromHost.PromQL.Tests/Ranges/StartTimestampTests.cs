using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>What start timestamps do to functions, and that they do nothing unless they are asked for.</summary>
public sealed class StartTimestampTests
{
    private static readonly QueryFeatures s_features = new()
    {
        ExperimentalFunctions = true,
        UseStartTimestamps = true,
    };

    public static TheoryData<string, string, string> Queries { get; } = new()
    {
        // Began anew after every sample: each one is an increase.
        { "increase(delta_total[4m])", "{} 40", "{} 0" },
        { "irate(delta_total[4m])", "{} 0.16666666666666666", "{} 0" },
        { "resets(delta_total[4m])", "{} 3", "{} 0" },
        { "changes(delta_total[4m])", "{} 0", "{} 0" },
        // Began within the range: it was zero then, nothing is carried on to before.
        { "increase(young_total[5m])", "{} 7", "" },
        { "rate(young_total[5m])", "{} 0.023333333333333334", "" },
        // A start at or after the sample says nothing.
        { "increase(odd_total[4m])", "{} 0", "{} 0" },
        { "start_timestamp(young_total)", "{} 150", "" },
        { "start_timestamp(unknown_total)", "{} 0", "" },
        { "start_timestamp(young_total + 0)", "", "" },
        { "increase(delta_total[4m:1m])", "{} 0", "{} 0" },
        { "sum_over_time(delta_total[4m])", "{} 40", "{} 40" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task Function_HeedsStarts_OnlyWithTheFeature(string query, string with, string without)
    {
        var source = MakeSource();

        (await new QueryRunner(source) { Features = s_features }.Instant(query, 240_000)).Should().Be(with);
        (await new QueryRunner(source).Instant(query, 240_000)).Should().Be(without);
    }

    [Fact]
    public async Task Rate_SaysHowManyWindowsHaveOverlappingStarts()
    {
        var source = new InMemoryQuerySource().Add(
            Labels.FromPairs(("__name__", "o_total")),
            new FloatSample(60_000, 1, 1_000), new FloatSample(120_000, 2, 2_000), new FloatSample(180_000, 3, 3_000));
        var runner = new QueryRunner(source) { Features = s_features };

        (await runner.RunInstant("rate(o_total[5m])", 180_000)).Warnings.Should().Equal(
            "PromQL warning: sample has start time that overlaps with previous sample timestamp for metric " +
            "\"o_total\" (1:6)");
        (await runner.RunRange("rate(o_total[5m])", 60_000, 180_000, 60_000)).Warnings.Should().Equal(
            "PromQL warning: sample has start time that overlaps with previous sample timestamp for metric " +
            "\"o_total\" (2 occurrences) (1:6)");
        (await runner.RunInstant("irate(o_total[5m])", 180_000)).Warnings.Should().BeEmpty();
    }

    [Fact]
    public async Task Selector_GivesTimeAndStart_OfHistogramsToo()
    {
        var source = new InMemoryQuerySource().Add(
            Labels.FromPairs(("__name__", "h")), (60_000, 30_000, HistogramNotation.Read("{{count:4 sum:8}}")));
        var runner = new QueryRunner(source) { Features = s_features };

        (await runner.Instant("start_timestamp(h)", 90_000)).Should().Be("{} 30");
        (await runner.Range("start_timestamp(h)", 60_000, 120_000, 60_000)).Should().Be("{} 30@60000 30@120000");
        (await runner.Instant("timestamp(h)", 90_000)).Should().Be("{} 60");
        // It began within the range.
        (await runner.Instant("increase(h[2m])", 90_000)).Should().Be("{} {{count:4 sum:8}}");
        (await runner.Instant("increase(h[40s])", 90_000)).Should().BeEmpty();
    }

    private static InMemoryQuerySource MakeSource() => new InMemoryQuerySource()
        .Add(Labels.FromPairs(("__name__", "delta_total")), [.. Enumerable.Range(1, 4).Select(
            static minute => new FloatSample(minute * 60_000, 10, (minute - 1) * 60_000 + 1))])
        .Add(Labels.FromPairs(("__name__", "young_total")), new FloatSample(200_000, 7, 150_000))
        .Add(Labels.FromPairs(("__name__", "odd_total")), [.. Enumerable.Range(1, 4).Select(
            static minute => new FloatSample(minute * 60_000, 10, minute * 60_000 + minute % 2))])
        .Add(Labels.FromPairs(("__name__", "unknown_total")), new FloatSample(200_000, 7));
}
