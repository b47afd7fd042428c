using Microsoft.AspNetCore.Http;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/query_exemplars</c>: the exemplars of all series that an expression reads.</summary>
internal static class ExemplarsEndpoint
{
    /// <summary>Answers one request.</summary>
    public static async ValueTask HandleAsync(ApiCall call)
    {
        var startMs = call.Parameters.GetTime("start", RequestTime.MinMs);
        var endMs = call.Parameters.GetTime("end", RequestTime.MaxMs);
        if (endMs < startMs)
            throw new ApiException(ApiErrorType.BadData, "end timestamp must not be before start timestamp");
        List<IReadOnlyList<LabelMatcher>> selectors =
            [.. Parse(call).Selectors().Select(selector => selector.Matchers)];
        if (selectors.Count == 0)
        {
            // As Prometheus answers an expression that cannot have exemplars.
            call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var found = call.Services.Exemplars.SelectExemplars(startMs, endMs, selectors);
        for (var i = 0; i < found.Count; i++)
        {
            WriteSeries(call, isFirst: i == 0, found[i]);
            await call.Body.FlushIfLargeAsync(call.Aborted).ConfigureAwait(false);
        }

        WriteEnd(call, isEmpty: found.Count == 0);
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

    private static void WriteSeries(ApiCall call, bool isFirst, SeriesExemplars series)
    {
        var json = isFirst ? call.BeginSuccess() : new JsonBuffer(call.Body);
        json.Raw(isFirst ? "[{\"seriesLabels\":"u8 : ",{\"seriesLabels\":"u8);
        json.Labels(series.Labels);
        json.Raw(",\"exemplars\":["u8);
        for (var i = 0; i < series.Exemplars.Count; i++)
        {
            var exemplar = series.Exemplars[i];
            json.Raw(i == 0 ? "{\"labels\":"u8 : ",{\"labels\":"u8);
            json.Labels(exemplar.Labels);
            json.Raw(",\"value\":"u8);
            json.QuotedFloat(exemplar.Value);
            json.Raw(",\"timestamp\":"u8);
            json.Timestamp(exemplar.TimestampMs);
            json.Raw((byte)'}');
        }

        json.Raw("]}"u8);
        json.Commit();
    }

    private static void WriteEnd(ApiCall call, bool isEmpty)
    {
        var json = isEmpty ? call.BeginSuccess() : new JsonBuffer(call.Body);
        json.Raw(isEmpty ? "[]"u8 : "]"u8);
        ApiCall.EndSuccess(ref json);
    }
}
