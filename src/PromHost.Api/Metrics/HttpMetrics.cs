using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace PromHost.Api;

/// <summary>Counts and times the requests of a workspace, by route. Thread-safe.</summary>
internal sealed class HttpMetrics
{
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _durations;

    public HttpMetrics(Workspace workspace)
    {
        var meter = workspace.Meter;
        meter.CreateObservableGauge("prometheus_ready", () => workspace.State == WorkspaceState.Ready ? 1 : 0, null,
            "Whether the storage is open and requests are answered.");
        _requests = meter.CreateCounter<long>("prometheus_http_requests_total", null, "Counter of HTTP requests.");
        _durations = meter.CreateHistogram(
            "prometheus_http_request_duration_seconds",
            unit: "s",
            description: "Histogram of latencies for HTTP requests.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.1, .2, .4, 1, 3, 8, 20, 60, 120] });
    }

    /// <summary>Makes a route known before its first request, so that the first one is seen as an increase.</summary>
    public void Declare(string route) => _requests.Add(
        0, new KeyValuePair<string, object?>("handler", route), new KeyValuePair<string, object?>("code", "200"));

    /// <summary>Counts one answered request.</summary>
    /// <param name="route">The route with a colon before variable parts: <c>/api/v1/label/:name/values</c>.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="duration">From the request's headers to the end of the answer.</param>
    public void Record(string route, int status, TimeSpan duration)
    {
        var handler = new KeyValuePair<string, object?>("handler", route);
        _requests.Add(1, new TagList { handler, new("code", CodeText(status)) });
        _durations.Record(duration.TotalSeconds, handler);
    }

    private static string CodeText(int status) => status switch
    {
        200 => "200",
        204 => "204",
        400 => "400",
        _ => status.ToString(CultureInfo.InvariantCulture),
    };
}
