using System.Globalization;
using System.Text;

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

    // The beginning of a block, long ago, so that nothing depends on the time of the run; samples of the future would
    // be refused.
    private const long FirstMs = 438_000 * 3_600_000L;
    private const int Starts = 10_000;

    // No lookback reaches from one set of data into the one before.
    private const long DataDistanceMs = 2 * 3_600_000L;

    private const double Tolerance = 1e-9;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-fuzz-").FullName;
    private readonly StringBuilder _unexplained = new();
    private readonly Dictionary<string, int> _explained = new(StringComparer.Ordinal);
    private int _unexplainedCount;
    private int _queries;
    private int _empty;
    private int _errors;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Queries_AreAnsweredAsByPrometheus_OverRandomSeries()
    {
        Peers.Require();
        var count = Setting("PROMHOST_FUZZ_QUERIES", DefaultQueries);
        var seed = Setting("PROMHOST_FUZZ_SEED", DefaultSeed);
        var (promHost, ours) = await RunningProgram.StartPromHostAsync(
            Path.Combine(_folder, "ours"), 0, "--storage.tsdb.retention.time=100y",
            "--enable-feature=promql-experimental-functions");
        await using (promHost)
        {
            var (prometheus, theirs) = await PrometheusServer.StartAsync(
                Peers.Prometheus, Path.Combine(_folder, "theirs"), string.Empty,
                "--enable-feature=promql-experimental-functions,native-histograms");
            await using (prometheus)
            {
                for (var set = 0; set * QueriesPerData < count; set++)
                {
                    var queries = Math.Min(QueriesPerData, count - (set * QueriesPerData));
                    await CompareAsync(ours, theirs, seed + set, StartOf(seed) + (set * DataDistanceMs), queries);
                }
            }
        }

        Report();
        _unexplainedCount.Should().Be(0, _unexplained.ToString());
        (_queries - _empty).Should().BeGreaterThanOrEqualTo(_queries * 7 / 10);
        _errors.Should().BeLessThanOrEqualTo(_queries / 10);
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    private void Report()
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{_queries} queries, {100.0 * (_queries - _empty) / _queries:f1} % not empty, " +
            $"{100.0 * _errors / _queries:f1} % errors, {_unexplainedCount} with an unexplained difference"));
        foreach (var (name, count) in _explained) output.WriteLine($"explained: {name}: {count}");
    }

    // The same data lie at the same time wherever a run begins.
    private static long StartOf(int seed) => FirstMs + (seed % Starts * DataDistanceMs);

    private async Task CompareAsync(Uri ours, Uri theirs, int seed, long startMs, int count)
    {
        foreach (var body in FuzzRequests.Of(FuzzData.Make(seed, startMs)))
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
            var mine = AskAsync(ours, form);
            var other = await AskAsync(theirs, form);
            var name = $"seed {seed}, query {i}, {string.Join('&', form.Select(p => $"{p.Key}={p.Value}"))}";
            Judge(await mine, other, query, form.ContainsKey("time"), name);
        }
    }

    private void Judge(FuzzedAnswer ours, FuzzedAnswer theirs, string query, bool isInstant, string name)
    {
        _queries++;
        if (theirs.ErrorType.Length > 0) _errors++;
        else if (theirs.Labels.Count == 0) _empty++;
        var isOrdered = isInstant && (query.StartsWith("sort", StringComparison.Ordinal) ||
            query.StartsWith("topk(", StringComparison.Ordinal) ||
            query.StartsWith("bottomk(", StringComparison.Ordinal));
        var unexplained = new List<FuzzDifference>();
        foreach (var difference in ours.Differences(theirs, isOrdered, Tolerance))
        {
            if (ExplainedDifferences.Of(query, difference) is not { } explanation) unexplained.Add(difference);
            else _explained[explanation] = _explained.GetValueOrDefault(explanation) + 1;
        }

        if (unexplained.Count == 0) return;
        _unexplainedCount++;
        if (_unexplainedCount > 60) return;
        _unexplained.AppendLine(name);
        if (unexplained.Exists(static difference => difference.Aspect == FuzzAspect.Annotation))
        {
            _unexplained.AppendLine($"  ours   {string.Join(" | ", ours.Warnings.Concat(ours.Infos))}");
            _unexplained.AppendLine($"  theirs {string.Join(" | ", theirs.Warnings.Concat(theirs.Infos))}");
        }

        foreach (var difference in unexplained.Take(3)) _unexplained.Append("  ").AppendLine(difference.ToString());
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

    private static async Task<FuzzedAnswer> AskAsync(Uri server, Dictionary<string, string> form)
    {
        using var content = new FormUrlEncodedContent(form);
        var path = form.ContainsKey("step") ? "/api/v1/query_range" : "/api/v1/query";
        using var response = await Polling.Http.PostAsync(new Uri(server, path), content);
        return FuzzedAnswer.Parse(await response.Content.ReadAsStringAsync());
    }
}
