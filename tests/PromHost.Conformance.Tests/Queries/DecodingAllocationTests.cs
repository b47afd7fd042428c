using System.Globalization;
using System.Text;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>What a query allocates does not grow with the samples that it decodes.</summary>
public sealed class DecodingAllocationTests : IDisposable
{
    private const int SeriesCount = 100;
    private const int FewSamples = 130;
    private const int ManySamples = 1300;
    private const int MinRuns = 5;
    private const int MaxRuns = 60;
    private const long StepMs = 10_000;
    private const long EndMs = ManySamples * StepMs;

    private readonly DatabaseMirror _few = new();
    private readonly DatabaseMirror _many = new();

    public void Dispose()
    {
        _few.Dispose();
        _many.Dispose();
    }

    [Theory]
    [InlineData("sum(m)")]
    [InlineData("sum(rate(m[5m]))")]
    [InlineData("sum by (zone) (increase(m[3h]))")]
    [InlineData("max(max_over_time(m[1h]))")]
    [InlineData("sum(avg_over_time(m[4h] @ end()))")]
    [InlineData("max(quantile_over_time(0.5, m[30m]))")]
    public Task RangeQuery_AllocatesTheSame_HoweverManySamplesItDecodes(string query) =>
        CompareAsync(query, Load(FewSamples), Load(ManySamples));

    [Theory]
    [InlineData("sum(h)")]
    [InlineData("sum(rate(h[5m]))")]
    [InlineData("avg by (zone) (increase(h[3h]))")]
    [InlineData("histogram_quantile(0.9, sum by (zone) (rate(h[5m])))")]
    [InlineData("sum(sum_over_time(h[10m]))")]
    [InlineData("sum(irate(h[5m]))")]
    [InlineData("max(resets(h[1h]))")]
    [InlineData("sum(histogram_count(h))")]
    [InlineData("sum(histogram_avg(rate(h[5m])))")]
    [InlineData("count(h)")]
    public Task RangeQuery_AllocatesTheSame_HoweverManyHistogramsItDecodes(string query) =>
        CompareAsync(query, LoadHistograms(FewSamples), LoadHistograms(ManySamples));

    private async Task CompareAsync(string query, ScriptStorage fewSamples, ScriptStorage manySamples)
    {
        var (few, fewBytes) = await MeasureAsync(_few.Of(fewSamples), query, 0);
        var (many, manyBytes) = await MeasureAsync(_many.Of(manySamples), query, fewBytes);

        (many - few).Should().BeGreaterThan(100_000);
        (manyBytes - fewBytes).Should().BeLessThan((many - few) / 100, "decoding allocates nothing per sample");
    }

    // One series is long in either case: the buffer that samples are decoded into is as large as the longest needs.
    private static ScriptStorage Load(int count)
    {
        var storage = new ScriptStorage();
        var random = new Random(1);
        for (var i = 0; i <= SeriesCount; i++)
        {
            var labels = Labels.FromPairs(
                ("__name__", "m"), ("n", i.ToString(CultureInfo.InvariantCulture)), ("zone", i % 2 == 0 ? "a" : "b"));
            var own = i == 0 ? ManySamples : count;
            storage.Add(labels, Enumerable.Range(0, own).Select(
                k => new FloatSample(EndMs - ((own - k) * StepMs), random.Next(1000) + random.NextDouble())));
        }

        return storage;
    }

    // As above, but several are long: at each step a group has sums of the layout that it has with all of them. The
    // buckets of half of them lie elsewhere.
    private static ScriptStorage LoadHistograms(int count)
    {
        var text = new StringBuilder("load 10s\n");
        for (var i = 0; i <= SeriesCount; i++)
        {
            var own = i < 8 ? ManySamples : count;
            var shape = $"schema:3 offset:{i / 2 % 2 * 3} buckets:[4 3 2 1 0 0 0 5]";
            text.Append(CultureInfo.InvariantCulture, $"  h{{n=\"{i}\", zone=\"{(i % 2 == 0 ? "a" : "b")}\"}} ")
                .Append(CultureInfo.InvariantCulture, $"{(own == ManySamples ? "" : $"_x{ManySamples - own} ")}")
                .Append(CultureInfo.InvariantCulture, $"{{{{{shape} count:15 sum:30}}}}+")
                .Append(CultureInfo.InvariantCulture, $"{{{{{shape} count:15 sum:30}}}}x{own - 1}\n");
        }

        var storage = new ScriptStorage();
        storage.Load((LoadCommand)ScriptParser.Parse(text.ToString())[0]);
        return storage;
    }

    // Samples decoded, and what the thread of the query has allocated meanwhile.
    private static async Task<(long Samples, long Bytes)> MeasureAsync(
        IQuerySource source, string query, long enoughBytes)
    {
        using var engine = new QueryEngine(new QueryLimits { Workers = 1 }, new QueryFeatures(), TimeProvider.System);
        var watched = new WatchedSource(source);
        var (samples, bytes) = (0L, long.MaxValue);
        // At first caches are filled, and code runs that is not optimized yet and boxes what it need not.
        for (var i = 0; i < MinRuns || (bytes > enoughBytes && i < MaxRuns); i++)
        {
            using var result = await engine.ExecuteRangeAsync(watched, query, StepMs, EndMs, EndMs / 50,
                new QueryOptions { Explain = ExplainMode.Analyze }, TestContext.Current.CancellationToken);
            samples = SamplesOf(result.Explanation!);
            bytes = Math.Min(bytes, watched.AllocatedBytes);
        }

        return (samples, bytes);
    }

    private static long SamplesOf(PlanExplanation plan) => plan.Actual!.Samples + plan.Children.Sum(SamplesOf);

    private sealed class WatchedSource(IQuerySource source) : IQuerySource
    {
        public long AllocatedBytes { get; set; }

        public IQuerier OpenQuerier(long minTimeMs, long maxTimeMs) =>
            new Querier(this, source.OpenQuerier(minTimeMs, maxTimeMs));
    }

    private sealed class Querier(WatchedSource source, IQuerier querier) : IQuerier
    {
        private readonly long _before = GC.GetAllocatedBytesForCurrentThread();

        public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers) =>
            querier.Select(hints, matchers);

        public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            querier.LabelValues(name, matchers, limit);

        public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
            querier.LabelNames(matchers, limit);

        public void Dispose()
        {
            source.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _before;
            querier.Dispose();
        }
    }
}
