using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>The query engine, set up as the test language wants it: everything optional is on.</summary>
internal sealed class ScriptEngine : IScriptEngine, IDisposable
{
    private readonly QueryEngine _engine;

    /// <summary>Makes the engine.</summary>
    /// <param name="workers">How many threads a query may use.</param>
    /// <param name="maxSamples">How many samples a query may hold; the scripts count on the default.</param>
    public ScriptEngine(int workers = 2, int maxSamples = 10_000)
    {
        var limits = new QueryLimits
        {
            MaxSamples = maxSamples,
            Timeout = TimeSpan.FromSeconds(100),
            MaxConcurrency = 1,
            Workers = workers,
        };
        var features = new QueryFeatures
        {
            DelayedNameRemoval = true,
            ExperimentalFunctions = true,
            ExtendedRangeSelectors = true,
            BinopFillModifiers = true,
            UseStartTimestamps = true,
        };
        _engine = new QueryEngine(limits, features, TimeProvider.System);
    }

    /// <summary>The same features for those who parse queries themselves.</summary>
    public static ParserOptions ParserOptions { get; } = new()
    {
        ExperimentalFunctions = true,
        ExtendedRangeSelectors = true,
        BinopFillModifiers = true,
    };

    public QueryAnswer EvaluateInstant(IQuerySource storage, string query, long timeMs) =>
        Await(_engine.ExecuteInstantAsync(storage, query, timeMs, null, TestContext.Current.CancellationToken));

    public QueryAnswer EvaluateRange(IQuerySource storage, string query, TimeGrid grid) =>
        Await(_engine.ExecuteRangeAsync(storage, query, grid.StartMs, grid.EndMs, grid.StepMs, null,
            TestContext.Current.CancellationToken));

    public void Dispose() => _engine.Dispose();

    private static QueryAnswer Await(Task<QueryResult> running)
    {
        // Scripts are a sequence; there is nothing else for their thread to do.
        var result = running.GetAwaiter().GetResult();
        var answer = new QueryAnswer { Warnings = result.Warnings, Infos = result.Infos };
        return result.Value switch
        {
            ScalarResult scalar => answer with { Scalar = scalar.Value },
            StringResult text => answer with { Text = text.Value },
            VectorResult vector => answer with { Series = SeriesOf(vector) },
            MatrixResult matrix => answer with { IsMatrix = true, Series = [.. matrix.Series.Select(SeriesOf)] },
            _ => throw new InvalidOperationException("unknown kind of result"),
        };
    }

    private static List<AnswerSeries> SeriesOf(VectorResult vector)
    {
        var series = new List<AnswerSeries>();
        for (var i = 0; i < vector.Count; i++)
        {
            var histogram = vector.Histograms.IsEmpty ? null : vector.Histograms.Span[i];
            series.Add(new AnswerSeries(
                vector.Labels.Span[i], [new AnswerPoint(vector.TimestampMs, vector.Values.Span[i], histogram)]));
        }

        return series;
    }

    private static AnswerSeries SeriesOf(MatrixSeries series)
    {
        var points = new List<AnswerPoint>();
        for (var i = 0; i < series.TimestampsMs.Length; i++)
            points.Add(new AnswerPoint(series.TimestampsMs.Span[i], series.Values.Span[i], null));
        for (var i = 0; i < series.HistogramTimestampsMs.Length; i++)
            points.Add(new AnswerPoint(series.HistogramTimestampsMs.Span[i], 0, series.Histograms.Span[i]));
        return new AnswerSeries(series.Labels, [.. points.OrderBy(static p => p.TimestampMs)]);
    }
}
