namespace PromHost.Interop.Tests;

/// <summary>
/// Random series as remote-write requests with at most one sample of each: of several in one request Prometheus 3.5
/// takes the floats first, and loses histograms that lie before them.
/// </summary>
internal static class FuzzRequests
{
    /// <summary>The bodies of the requests; each call makes one anew.</summary>
    public static IEnumerable<Func<ByteArrayContent>> Of(IReadOnlyList<FuzzSeries> series) => series
        .SelectMany(static one => one.Samples.Select(sample => (one.Labels, Sample: sample)))
        .GroupBy(static pair => pair.Sample.TimeMs / FuzzData.IntervalMs)
        .OrderBy(static slot => slot.Key)
        .Select(static slot => slot.OrderBy(static pair => pair.Sample.TimeMs).ToArray())
        .Select(static pairs => (Func<ByteArrayContent>)(() => WriteRequests.ContentOf(
            pairs.Select(static pair => (pair.Labels, pair.Sample.TimeMs, pair.Sample.Value, pair.Sample.Histogram)))));
}
