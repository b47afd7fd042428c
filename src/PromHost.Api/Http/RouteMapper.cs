using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary>
/// Puts a workspace's endpoints on their routes, each inside what all have in common: methods, readiness, metrics, and
/// for the API cross-origin headers, compression and the error envelope.
/// </summary>
internal sealed class RouteMapper(IEndpointRouteBuilder routes, Workspace workspace)
{
    private readonly HttpMetrics _metrics = new(workspace);

    /// <summary>Maps an endpoint of the API, which answers in JSON.</summary>
    /// <param name="pattern">Below <c>/api/v1</c>, without variable parts but one <c>{name}</c>.</param>
    /// <param name="rules">How it is served.</param>
    /// <param name="handler">What answers.</param>
    public void MapApi(string pattern, RouteRules rules, ApiHandler handler)
    {
        var route = "/api/v1" + pattern;
        Map(route, rules, isApi: true, http => AnswerAsync(http, rules, handler));
    }

    /// <summary>Maps an endpoint that writes its answer itself.</summary>
    /// <param name="route">The whole path.</param>
    /// <param name="rules">How it is served.</param>
    /// <param name="handler">What answers.</param>
    public void MapPlain(string route, RouteRules rules, RequestDelegate handler) =>
        Map(route, rules, isApi: route.StartsWith("/api/", StringComparison.Ordinal), handler);

    private void Map(string route, RouteRules rules, bool isApi, RequestDelegate handler)
    {
        var name = route.Replace("{name}", ":name", StringComparison.Ordinal)
            .Replace("{**rest}", "*path", StringComparison.Ordinal);
        _metrics.Declare(name);
        var allow = string.Join(", ", rules.Methods.Append("OPTIONS").Order(StringComparer.Ordinal));
        routes.Map(route, async http =>
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await AdmitAsync(http, rules, isApi, allow, handler).ConfigureAwait(false);
            }
            finally
            {
                _metrics.Record(name, http.Response.StatusCode, Stopwatch.GetElapsedTime(started));
            }
        });
    }

    private Task AdmitAsync(HttpContext http, RouteRules rules, bool isApi, string allow, RequestDelegate handler)
    {
        var isOptions = rules.OffersOptions && HttpMethods.IsOptions(http.Request.Method);
        if (!isOptions && rules.Methods is { Length: > 0 } methods &&
            !methods.Contains(http.Request.Method, StringComparer.Ordinal))
        {
            http.Response.Headers.Allow = allow;
            return PlainText.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed\n");
        }

        if (isOptions && !isApi)
        {
            http.Response.Headers.Allow = allow;
            return Task.CompletedTask;
        }

        if ((rules.NeedsReady || isOptions) && workspace.State != WorkspaceState.Ready) return TurnAwayAsync(http);
        if (!isOptions) return handler(http);
        CrossOrigin.SetHeaders(http, workspace);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private Task TurnAwayAsync(HttpContext http)
    {
        var stopping = workspace.State == WorkspaceState.Stopping;
        http.Response.Headers["X-Prometheus-Stopping"] = stopping ? "true" : "false";
        var text = stopping ? "Service Unavailable" : "Service Unavailable" + DescribeReplay(workspace.ReplayStatus());
        return PlainText.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, text);
    }

    // A start that takes long shall not look like one that hangs.
    private static string DescribeReplay(in ReplayStatus status)
    {
        var (first, last, current) = (status.FirstSegment, status.LastSegment, status.CurrentSegment);
        var invariant = CultureInfo.InvariantCulture;
        if (status.ReadsLog)
            return string.Create(invariant, $": reading the log, segment {current} of {first} to {last}");
        return status.ImageSeries > 0
            ? string.Create(
                invariant, $": reading the head image, {status.ImageSeriesRead} of {status.ImageSeries} series")
            : "";
    }

    private async Task AnswerAsync(HttpContext http, RouteRules rules, ApiHandler handler)
    {
        var coding = ContentCoding.Identity;
        if (rules.Compresses)
        {
            http.Response.Headers.Vary = StringValues.Concat(http.Response.Headers.Vary, "Accept-Encoding");
            coding = ResponseBody.Negotiate(http.Request.Headers.AcceptEncoding.ToString());
        }

        CrossOrigin.SetHeaders(http, workspace);
        http.Response.ContentType = "application/json";
        await using var body = new ResponseBody(http, coding);
        try
        {
            var parameters = await RequestParameters.ReadAsync(http.Request).ConfigureAwait(false);
            await handler(new ApiCall(http, workspace, workspace.Services!, parameters, body)).ConfigureAwait(false);
            if (http.Response.StatusCode == StatusCodes.Status204NoContent) http.Response.ContentType = null;
            else await body.CompleteAsync(http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await FailAsync(http, body, exception).ConfigureAwait(false);
        }
    }

    private async Task FailAsync(HttpContext http, ResponseBody body, Exception exception)
    {
        var error = ApiErrors.From(exception, out var unexpected);
        if (http.RequestAborted.IsCancellationRequested) error = new(ApiErrorType.Canceled, error.Message);
        else if (unexpected) ApiLog.RequestFailed(workspace.Logger, http.Request.Path, exception);
        if (http.Response.HasStarted)
        {
            // A cut answer must not look like a whole one.
            http.Abort();
            return;
        }

        http.Response.StatusCode = exception is BadHttpRequestException bad
            ? bad.StatusCode
            : ApiException.StatusOf(error.Type);
        if (http.RequestAborted.IsCancellationRequested) return;
        body.Clear();
        WriteError(body, error);
        try
        {
            await body.CompleteAsync(http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client went away; nobody is there to be told.
        }
    }

    private static void WriteError(ResponseBody body, ApiException error)
    {
        var json = new JsonBuffer(body);
        json.Raw("{\"status\":\"error\",\"errorType\":\""u8);
        json.Raw(System.Text.Encoding.ASCII.GetBytes(ApiException.NameOf(error.Type)));
        json.Raw("\",\"error\":"u8);
        json.Text(error.Message);
        json.Raw((byte)'}');
        json.Commit();
    }
}
