using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using PromHost.Exposition;

namespace PromHost.Api;

/// <summary><c>/metrics</c>: the server's own metrics.</summary>
internal sealed class MetricsEndpoint(MetricsCollector metrics)
{
    /// <summary>Answers one request in the text format, or in OpenMetrics when the client prefers it.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var format = ExpositionFormats.Negotiate(http.Request.Headers.Accept.ToString());
        http.Response.Headers.Vary = StringValues.Concat(http.Response.Headers.Vary, "Accept-Encoding");
        http.Response.ContentType = ExpositionFormats.ContentTypeOf(format);
        var coding = ResponseBody.Negotiate(http.Request.Headers.AcceptEncoding.ToString());
        await using var body = new ResponseBody(http, coding);
        metrics.Write(body, format);
        await body.CompleteAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
