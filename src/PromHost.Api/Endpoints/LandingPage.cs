using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>What a browser finds at the root until there is a user interface.</summary>
internal static class LandingPage
{
    private const string Page = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>PromHost</title></head>
        <body>
        <h1>PromHost</h1>
        <p>A Prometheus-compatible time series database. There is no user interface here yet; point Grafana's Prometheus
        data source at this address, or ask the HTTP API.</p>
        <ul>
        <li><a href="api/v1/query?query=up">api/v1/query?query=up</a>: a query</li>
        <li><a href="api/v1/label/__name__/values">api/v1/label/__name__/values</a>: the names of all metrics</li>
        <li><a href="api/v1/status/tsdb">api/v1/status/tsdb</a>: what the storage holds</li>
        <li><a href="api/v1/status/flags">api/v1/status/flags</a>: the settings in force</li>
        <li><a href="metrics">metrics</a>: the server's own metrics</li>
        <li><code>POST api/v1/write</code>: where agents write to (remote write)</li>
        </ul>
        <p>All endpoints are described in docs/http-api.md of the source.</p>
        </body></html>

        """;

    public static Task HandleAsync(HttpContext http)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(Page, http.RequestAborted);
    }
}
