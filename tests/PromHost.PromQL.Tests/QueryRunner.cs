using PromHost.Model;

namespace PromHost.PromQL.Tests;

/// <summary>Runs queries over an <see cref="InMemoryQuerySource"/> and writes their answers as text.</summary>
internal sealed class QueryRunner(InMemoryQuerySource source)
{
    public QueryFeatures Features { get; init; } = new() { ExperimentalFunctions = true };

    public QueryLimits Limits { get; init; } = new();

    public async Task<QueryResult> RunInstant(string query, long timeMs)
    {
        using var engine = new QueryEngine(Limits, Features, TimeProvider.System);
        return await engine.ExecuteInstantAsync(source, query, timeMs, null, TestContext.Current.CancellationToken);
    }

    public async Task<QueryResult> RunRange(string query, long startMs, long endMs, long stepMs)
    {
        using var engine = new QueryEngine(Limits, Features, TimeProvider.System);
        return await engine.ExecuteRangeAsync(
            source, query, startMs, endMs, stepMs, null, TestContext.Current.CancellationToken);
    }

    /// <summary>An instant query's answer, a line per sample: <c>{a="b"} 1</c>.</summary>
    public async Task<string> Instant(string query, long timeMs) => Write((await RunInstant(query, timeMs)).Value);

    /// <summary>
    /// A range query's answer, a line per series: <c>{a="b"} 1@0 2@60000 {{count:3}}@30000</c>, floats first.
    /// </summary>
    public async Task<string> Range(string query, long startMs, long endMs, long stepMs) =>
        Write((await RunRange(query, startMs, endMs, stepMs)).Value);

    public static string Write(QueryValue value) => value switch
    {
        ScalarResult scalar => GoFloat.FormatPlain(scalar.Value),
        StringResult text => text.Value,
        VectorResult vector => string.Join('\n', Enumerable.Range(0, vector.Count).Select(i =>
            $"{vector.Labels.Span[i]} " + (vector.Histograms.IsEmpty || vector.Histograms.Span[i] is not { } histogram
                ? GoFloat.FormatPlain(vector.Values.Span[i])
                : HistogramNotation.Write(histogram)))),
        MatrixResult matrix => string.Join('\n', matrix.Series.Select(series =>
            $"{series.Labels} " + string.Join(' ', [.. Enumerable.Range(0, series.Values.Length).Select(i =>
                $"{GoFloat.FormatPlain(series.Values.Span[i])}@{series.TimestampsMs.Span[i]}"),
                .. Enumerable.Range(0, series.Histograms.Length).Select(i =>
                $"{HistogramNotation.Write(series.Histograms.Span[i])}@{series.HistogramTimestampsMs.Span[i]}")]))),
        _ => throw new InvalidOperationException(),
    };
}
