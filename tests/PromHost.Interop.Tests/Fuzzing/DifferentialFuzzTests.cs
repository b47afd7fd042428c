using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>
/// Random queries over random series to PromHost and a real Prometheus. <c>PROMHOST_FUZZ_QUERIES</c> says how many
/// queries, <c>PROMHOST_FUZZ_SEED</c> where the seeds begin: a failure names the seed of its data and the number of its
/// query, and the same seed gives both again.
/// </summary>
public sealed class DifferentialFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int QueriesPerData = 500;
    private const int DefaultQueries = 2000;
    private const int DefaultSeed = 1;

    // Features of the language that 3.5 has too; a fourth of the queries each.
    private const string DelayedNameRemoval = "promql-delayed-name-removal";
    private const string TypeAndUnitLabels = "type-and-unit-labels";
    private const int PartWithFeature = 4;

    // The beginning of a block, long ago, so that nothing depends on the time of the run; samples of the future would
    // be refused.
    private const long FirstMs = 438_000 * 3_600_000L;
    private const int Starts = 10_000;

    // No lookback reaches from one set of data into the one before.
    private const long DataDistanceMs = 2 * 3_600_000L;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-fuzz-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Queries_AreAnsweredAsByPrometheus_OverRandomSeries() =>
        CompareAsync(FuzzSettings.Number("PROMHOST_FUZZ_QUERIES", DefaultQueries));

    [Theory]
    [InlineData(DelayedNameRemoval)]
    [InlineData(TypeAndUnitLabels)]
    public Task Queries_AreAnsweredAsByPrometheus_WithFeature(string feature) => CompareAsync(
        FuzzSettings.Number("PROMHOST_FUZZ_QUERIES", DefaultQueries) / PartWithFeature, feature);

    private async Task CompareAsync(int count, params string[] features)
    {
        Peers.Require();
        var seed = FuzzSettings.Number("PROMHOST_FUZZ_SEED", DefaultSeed);
        var enabled = string.Join(',', ["promql-experimental-functions", .. features]);
        var (promHost, ours) = await RunningProgram.StartPromHostAsync(
            Path.Combine(_folder, "ours"), 0, "--storage.tsdb.retention.time=100y", $"--enable-feature={enabled}");
        await using (promHost)
        {
            var (prometheus, theirs) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Path.Combine(_folder, "theirs"), string.Empty,
                $"--enable-feature={enabled},native-histograms");
            await using (prometheus)
            {
                var judge = new FuzzJudge(theirs, isAboutNames: features.Length > 0);
                for (var set = 0; set * QueriesPerData < count; set++)
                {
                    var queries = Math.Min(QueriesPerData, count - (set * QueriesPerData));
                    var startMs = StartOf(seed) + (set * DataDistanceMs);
                    var data = FuzzData.Make(seed + set, startMs, features.Contains(TypeAndUnitLabels));
                    await CompareAsync(ours, theirs, judge, seed + set, startMs, data, queries);
                }

                foreach (var line in judge.Report()) output.WriteLine(line);
                judge.Unexplained.Should().Be(0, judge.Differences);
                (judge.Queries - judge.Empty).Should().BeGreaterThanOrEqualTo(judge.Queries * 7 / 10);
                // Without their types, more series are equal.
                var maxErrors = features.Contains(TypeAndUnitLabels) ? judge.Queries / 7 : judge.Queries / 10;
                judge.Errors.Should().BeLessThanOrEqualTo(maxErrors);
            }
        }
    }

    // The same data lie at the same time wherever a run begins.
    private static long StartOf(int seed) => FirstMs + (seed % Starts * DataDistanceMs);

    private static async Task CompareAsync(
        Uri ours, Uri theirs, FuzzJudge judge, int seed, long startMs, IReadOnlyList<FuzzSeries> data, int count)
    {
        judge.Begin(data);
        foreach (var body in FuzzRequests.Of(data))
        {
            foreach (var address in (Uri[])[ours, theirs])
            {
                using var content = body();
                using var response = await Polling.Http.PostAsync(new Uri(address, "/api/v1/write"), content);
                response.IsSuccessStatusCode.Should().BeTrue(await response.Content.ReadAsStringAsync());
            }
        }

        for (var i = 0; i < count; i++)
        {
            var random = new Random((seed * 1_000_003) + i);
            var query = new QueryWriter(random, startMs).Query();
            var form = Form(random, query, startMs);
            var mine = FuzzClient.AskAsync(ours, form);
            var other = await FuzzClient.AskAsync(theirs, form);
            var name = $"seed {seed}, query {i}, {string.Join('&', form.Select(p => $"{p.Key}={p.Value}"))}";
            await judge.JudgeAsync(name, form, await mine, other);
        }
    }

    private static Dictionary<string, string> Form(Random random, string query, long startMs)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = query };
        var fromMs = startMs + (random.Next(5, 130) * 15_000L) + (random.Next(3) == 0 ? random.Next(15_000) : 0);
        if (random.Next(3) == 0 || (query.EndsWith(']') && !query.Contains('(')))
        {
            form["time"] = Seconds(fromMs);
            return form;
        }

        var stepMs = new[] { 15_000, 30_000, 60_000, 37_000, 5_000 }[random.Next(5)];
        form["start"] = Seconds(fromMs);
        form["end"] = Seconds(fromMs + (stepMs * (long)random.Next(1, 70)));
        form["step"] = Seconds(stepMs);
        return form;
    }

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString(CultureInfo.InvariantCulture);
}
