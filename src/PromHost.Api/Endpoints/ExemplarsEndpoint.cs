using Microsoft.AspNetCore.Http;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// <c>/api/v1/query_exemplars</c>: always an empty list, as the storage keeps no exemplars yet. Grafana asks it once
/// per data source to find out whether exemplars may be offered.
/// </summary>
internal static class ExemplarsEndpoint
{
    /// <summary>Answers one request.</summary>
    public static ValueTask HandleAsync(ApiCall call)
    {
        var startMs = call.Parameters.GetTime("start", RequestTime.MinMs);
        var endMs = call.Parameters.GetTime("end", RequestTime.MaxMs);
        if (endMs < startMs)
            throw new ApiException(ApiErrorType.BadData, "end timestamp must not be before start timestamp");
        if (!Parse(call).Selectors().Any())
        {
            // As Prometheus answers an expression that cannot have exemplars.
            call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return ValueTask.CompletedTask;
        }

        return call.WriteTextsAsync([], null);
    }

    private static Expression Parse(ApiCall call)
    {
        try
        {
            return Parser.ParseExpression(call.Parameters.Get("query"), call.Services.Engine.Syntax);
        }
        catch (ParseException e)
        {
            throw new ApiException(ApiErrorType.BadData, e.Message);
        }
    }
}
