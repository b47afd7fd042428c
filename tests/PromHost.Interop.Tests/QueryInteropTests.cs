using System.Text.Json;
using PromHost.Conformance.Tests;

namespace PromHost.Interop.Tests;

/// <summary>The same queries to PromHost and to a Prometheus 3.5 that hold the same.</summary>
public class QueryInteropTests(QueryPair pair) : IClassFixture<QueryPair>
{
    // Counters with exponential buckets that come in order, two of them with floats in between. Of the others a
    // Prometheus 3.14 answers otherwise than 3.5 (custom buckets are reconciled, gauges without buckets have no
    // resets), and 3.5 does not read all floats that came late to a series with histograms.
    private const string Histograms = """histogram_test{series=~"08|1[01456]|2[678]|3[245]"}""";

    // Warnings and infos that came or changed after 3.5.
    private static readonly string[] s_changedTexts =
    [
        "has NaN observations",
        "conflicting counter resets during histogram",
        "input to histogram_quantile needed to be fixed for monotonicity",
        "bucket label \"le\" is missing or has a malformed value",
    ];

    [Fact]
    public async Task UpstreamQueries_AnswerAlike()
    {
        Peers.Require();
        using var corpus = JsonDocument.Parse(
            await File.ReadAllBytesAsync(
                ConformanceFolder.Require("promql-queries/queries.json"), TestContext.Current.CancellationToken));
        var differences = new List<string>();
        foreach (var item in corpus.RootElement.GetProperty("cases").EnumerateArray())
        {
            var query = item.GetProperty("query").GetString()!;
            var (ours, theirs) = await pair.AskRangeAsync(
                query, QueryPair.EndSeconds - 600, QueryPair.EndSeconds, 10);
            differences.AddRange(ours.Without(s_changedTexts).Differences(theirs.Without(s_changedTexts), ordered: true)
                .Select(d => $"{query}: {d}"));
        }

        differences.Should().BeEmpty();
    }

    [Theory]
    [InlineData("limit_ratio(0.05, odd)")]
    [InlineData("limit_ratio(0.1, odd)")]
    [InlineData("limit_ratio(0.5, odd)")]
    [InlineData("limit_ratio(0.93, odd)")]
    [InlineData("limit_ratio(-0.2, odd)")]
    [InlineData("limit_ratio(-0.5, odd)")]
    [InlineData("limit_ratio(-0.77, odd)")]
    [InlineData("limit_ratio by (group) (0.3, odd)")]
    [InlineData("limit_ratio(0.4, abs(odd))")]
    [InlineData("limit_ratio(0.4, sum by (number) (odd))")]
    public async Task LimitRatio_PicksTheSameSeries(string query)
    {
        Peers.Require();
        var (ours, theirs) = await pair.AskInstantAsync(query, QueryPair.EndSeconds);

        ours.Differences(theirs, ordered: false).Should().BeEmpty();
        ours.Series.Count.Should().BeInRange(5, 495);
    }

    public static TheoryData<string> HistogramQueries { get; } =
    [
        // Not changes(H[30m]): it counts empty buckets, which depend on when chunks were compacted.
        "H", "H offset 17m", "timestamp(H)", "delta(H[15m])", "irate(H[15m])", "idelta(H[15m])", "resets(H[30m])",
        "sum_over_time(H[5m])", "count_over_time(H[15m])", "last_over_time(H[15m])", "min_over_time(H[30m])",
        "stddev_over_time(H[30m])", "quantile_over_time(0.5, H[30m])", "deriv(H[30m])", "mad_over_time(H[30m])",
        "predict_linear(H[30m], 60)", "double_exponential_smoothing(H[30m], 0.5, 0.5)", "present_over_time(H[5m])",
        "ts_of_max_over_time(H[30m])", "sum_over_time(H[6m:1m])", "resets(H[30m:90s])", "last_over_time(H[15m:1m])",
        "histogram_avg(sum_over_time(H[5m]))", "rate(H[15m] @ end())", "histogram_count(H)",
        // A rate is not carried on to before a histogram's counter was zero, which 3.5 knows of floats only: a mean
        // does not depend on it.
        "histogram_avg(rate(H[15m]))", "histogram_fraction(0, 1, rate(H[15m]))", "histogram_avg(increase(H[40m]))",
        "histogram_avg(rate(H[20m:2m]))",
        // A mean in 3.5 does not divide the counts of buckets that only the newest histogram has.
        "histogram_count(avg_over_time(H[12m]))", "histogram_sum(avg_over_time(H[12m]))",
    ];

    [Theory]
    [MemberData(nameof(HistogramQueries))]
    public async Task Histograms_AnswerAlike(string query)
    {
        Peers.Require();
        query = query.Replace("H", Histograms, StringComparison.Ordinal);
        foreach (var stepSeconds in new[] { 77, 300, 1811 })
        {
            var (ours, theirs) = await pair.AskRangeAsync(query, (SentHistograms.StartMs / 1000) + 3600,
                (SentHistograms.StartMs / 1000) + (4 * 3600), stepSeconds);
            ours.Without(s_changedTexts).Differences(theirs.Without(s_changedTexts), ordered: true)
                .Should().BeEmpty($"step {stepSeconds}");
            ours.IsEmpty.Should().BeFalse();
        }
    }
}
