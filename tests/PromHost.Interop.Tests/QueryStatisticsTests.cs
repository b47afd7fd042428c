using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// What PromHost and a real Prometheus 3.5 count of samples for the same queries, in all and at each step.
/// </summary>
public sealed partial class QueryStatisticsTests : IDisposable
{
    // The beginning of a block, long ago; samples of the future would be refused.
    private const long FirstMs = 438_000 * 3_600_000L;
    private const int Seeds = 3;
    private const int RandomPerSeed = 200;
    private const long DataDistanceMs = 2 * 3_600_000L;

    private static readonly string[] s_selectors =
    [
        "S", "S offset 1m", "S offset -30s", "S @ 1576801200", "S @ start()", "S @ end() offset 1m", "timestamp(S)",
        "timestamp(S offset 1m)", "-S", "count_over_time(S[1m])", "rate(S[2m])", "increase(S[1m] offset 1m)",
        "last_over_time(S[5m])", "sum_over_time(S[3m] @ end())", "present_over_time(S[30s] offset -1m)",
        "absent_over_time(S[1m])", "changes(S[10m])", "irate(S[90s])", "absent(S)", "predict_linear(S[1m] @ end(), 60)",
        "max_over_time(S[3m:1m])", "sum_over_time(S[5m:45s] offset 1m)", "last_over_time(S[1m:10s])",
        "count_over_time(S[90s:])", "avg_over_time(S[2m:30s] @ end())", "avg_over_time(rate(S[1m])[4m:1m])",
        "max_over_time(count_over_time(S[2m:20s])[3m:1m])", "sum_over_time((S @ end())[3m:1m])",
        "count_over_time((S @ 1576801200)[30s:10s])", "sum(S)", "count by (job) (S)", "topk(2, S)", "quantile(0.5, S)",
        "count_values(\"v\", S)", "sum(rate(S[1m]))", "limitk(2, S)", "histogram_quantile(0.9, S)",
        // Prometheus 3.5 reads the buckets where such a function is all there is around a selector.
        "-histogram_count(S)", "sum(histogram_sum(rate(S[2m])))", "abs(histogram_avg(sum(S)))",
        "max_over_time(histogram_count(S)[2m:30s])",
    ];

    private static readonly string[] s_others =
    [
        "g + f", "g and on (job, instance) h", "g or h", "g unless f", "g > bool 1", "h + hg", "h * 2",
        "h / ignoring (a) f",
        "rate(c_total[1m]) / g", "sum(g) / on () group_left sum(f offset 1m)", "g - g @ end()",
        "(sum(h @ start()) + sum(h @ end())) * 2", "1 + 2", "time()", "vector(1)",
        "vector(time()) + on () group_left g",
        "scalar(sum(g)) * f", "clamp_max(g, scalar(max(f)))", "quantile_over_time(scalar(max(g)) / 100, f[1m])",
        "label_replace(g, \"x\", \"$1\", \"job\", \"(.*)\")", "histogram_quantile(0.9, rate(b_bucket[2m]))",
        "histogram_quantile(0.9, sum by (le) (b_bucket))", "histogram_quantile(0.5, k)", "sort_desc(g)",
        "max_over_time((g + f @ end())[2m:30s])", "sum by (version) (target_info)",
        "max_over_time((g @ end() + sum_over_time(f[30s:5s] @ start()))[2m:30s])", "no_such_metric", "\"text\"",
        "g[2m]", "h[2m] offset 1m", "x[3m:30s]", "rate(c_total[1m])[2m:20s]", "(g @ end())[2m:20s]",
        "x[2m] @ 1576801200",
        "sum_over_time(h[2m:30s])[3m:1m]",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-statistics-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Samples_AreCountedAsByPrometheus()
    {
        Peers.Require();
        const string features =
            "--enable-feature=promql-experimental-functions,promql-per-step-stats,native-histograms";
        var (promHost, ours) = await RunningProgram.StartPromHostAsync(
            Path.Combine(_folder, "ours"), 0, "--storage.tsdb.retention.time=100y", features);
        await using (promHost)
        {
            var (prometheus, theirs) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Path.Combine(_folder, "theirs"), string.Empty, features);
            await using (prometheus)
            {
                var differences = new List<string>();
                var counted = 0L;
                for (var seed = 1; seed <= Seeds; seed++)
                    counted += await CompareAsync(ours, theirs, seed, differences);
                differences.Should().BeEmpty();
                counted.Should().BeGreaterThan(1_000_000);
            }
        }
    }

    private static IEnumerable<string> Queries() => s_others.Concat(
        from selector in (string[])["g", "h", "hg", "hc", "x", "{__name__=~\"f|h\"}"]
        from query in s_selectors
        select query.Replace("S", selector, StringComparison.Ordinal));

    // Without the functions whose selectors 3.5 does not always find (see above).
    private static IEnumerable<string> RandomQueries(int seed, long startMs) => Enumerable.Range(0, RandomPerSeed)
        .Select(i => new QueryWriter(new Random((seed * 1_000_003) + i), startMs).Query())
        .Where(static query => !StatisticsFunctions().IsMatch(query));

    [GeneratedRegex("histogram_(count|sum|avg)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatisticsFunctions();

    private static async Task<long> CompareAsync(Uri ours, Uri theirs, int seed, List<string> differences)
    {
        var startMs = FirstMs + (seed * DataDistanceMs);
        foreach (var body in FuzzRequests.Of(FuzzData.Make(seed, startMs)))
        {
            foreach (var address in (Uri[])[ours, theirs])
            {
                using var content = body();
                using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
                response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            }
        }

        var counted = 0L;
        foreach (var query in Queries().Concat(RandomQueries(seed, startMs)))
        {
            foreach (var form in Forms(query, startMs + (10 * 60_000) + 7))
            {
                var mine = CountsOf(await AskAsync(ours, form));
                var other = CountsOf(await AskAsync(theirs, form));
                // Errors are compared elsewhere.
                if (mine is null || other is null) continue;
                counted += other.Total;
                if (mine != other)
                {
                    differences.Add($"seed {seed}, {string.Join('&', form.Select(p => $"{p.Key}={p.Value}"))}:\n" +
                        $"  ours   {mine}\n  theirs {other}");
                }
            }
        }

        return counted;
    }

    // Steps below, at and above the distance of samples, and so far apart that windows lie apart.
    private static IEnumerable<Dictionary<string, string>> Forms(string query, long fromMs)
    {
        yield return new(StringComparer.Ordinal) { ["query"] = query, ["time"] = Seconds(fromMs) };
        if (query.EndsWith(']')) yield break;
        foreach (var stepMs in (int[])[5_000, 15_000, 61_000, 7 * 60_000])
        {
            yield return new(StringComparer.Ordinal)
            {
                ["query"] = query,
                ["start"] = Seconds(fromMs),
                ["end"] = Seconds(fromMs + Math.Min(stepMs * 30L, 20 * 60_000)),
                ["step"] = Seconds(stepMs),
            };
        }
    }

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString(CultureInfo.InvariantCulture);

    private static async Task<string> AskAsync(Uri server, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent([.. form, new("stats", "all")]);
        var path = form.ContainsKey("step") ? "/api/v1/query_range" : "/api/v1/query";
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        return await response.Content.ReadAsStringAsync();
    }

    // Null for an error.
    private static Counts? CountsOf(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        if (!document.RootElement.TryGetProperty("data", out var data)) return null;
        var samples = data.GetProperty("stats").GetProperty("samples");
        return new Counts(
            samples.GetProperty("totalQueryableSamples").GetInt64(),
            samples.GetProperty("totalQueryableSamplesPerStep").GetRawText());
    }

    private sealed record Counts(long Total, string ByStep);
}
