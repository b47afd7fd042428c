using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>
/// <c>/api/v1/status/active_queries</c>, which Prometheus has not: the queries that wait, run or are being answered,
/// and the way to end one.
/// </summary>
internal static class ActiveQueriesEndpoint
{
    // What Grafana says of where a query comes from.
    private static readonly string[] s_headers =
    [
        "X-Dashboard-Uid", "X-Dashboard-Title", "X-Panel-Id", "X-Panel-Title", "X-Panel-Plugin-Id", "X-Datasource-Uid",
        "X-Query-Group-Id", "X-Rule-Uid", "X-Grafana-Org-Id", "X-Grafana-User",
    ];

    /// <summary>Who asks, to be listed.</summary>
    public static QueryOrigin OriginOf(HttpContext http)
    {
        var request = http.Request;
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in s_headers)
        {
            if (request.Headers.TryGetValue(name, out var values))
                headers.Add(new KeyValuePair<string, string>(name, values.ToString()));
        }

        var address = http.Connection.RemoteIpAddress;
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        var client = address is null ? "" : new IPEndPoint(address, http.Connection.RemotePort).ToString();
        return new QueryOrigin(client, request.Headers.UserAgent.ToString(), headers);
    }

    /// <summary>Lists them, oldest first.</summary>
    public static ValueTask HandleListAsync(ApiCall call)
    {
        var json = call.BeginSuccess();
        json.Raw((byte)'[');
        var isFirst = true;
        foreach (var query in call.Services.Engine.ActiveQueries)
        {
            if (!isFirst) json.Raw((byte)',');
            isFirst = false;
            Write(ref json, query);
        }

        json.Raw((byte)']');
        ApiCall.EndSuccess(ref json);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends one.</summary>
    public static ValueTask HandleEndAsync(ApiCall call)
    {
        var text = call.Http.Request.RouteValues["name"] as string ?? "";
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            throw ApiException.InvalidParameter("id", $"{Model.GoText.Quote(text)} is not the number of a query");
        var query = call.Services.Engine.FindActiveQuery(id) ??
            throw new ApiException(ApiErrorType.NotFound, $"query {text} is not active, or not any more");
        query.End();
        call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
        return ValueTask.CompletedTask;
    }

    private static void Write(ref JsonBuffer json, ActiveQuery query)
    {
        json.Raw("{\"id\":"u8);
        json.Integer(query.Id);
        json.Raw(",\"query\":"u8);
        json.Text(query.Text);
        WriteTimes(ref json, query);
        json.Raw(query.Priority == QueryPriority.Rule ? ",\"priority\":\"rule\""u8 : ",\"priority\":\"user\""u8);
        json.Raw(",\"state\":"u8);
        json.Raw(query.State switch
        {
            ActiveQueryState.Queued => "\"queued\""u8,
            ActiveQueryState.Running => "\"running\""u8,
            _ => "\"answering\""u8,
        });
        json.Raw(",\"startedAt\":"u8);
        json.Text(RequestTime.FormatRfc3339(query.StartedAt));
        json.Raw(",\"ageSeconds\":"u8);
        json.Number(Math.Round(query.Age.TotalSeconds, 3));
        json.Raw(",\"bytes\":"u8);
        json.Integer(query.HeldBytes);
        json.Raw(",\"peakBytes\":"u8);
        json.Integer(query.PeakBytes);
        json.Raw(",\"samples\":"u8);
        json.Integer(query.HeldSamples);
        json.Raw(",\"samplesRead\":"u8);
        json.Integer(query.ReadSamples);
        json.Raw(",\"client\":"u8);
        json.Text(query.Origin.Address);
        json.Raw(",\"userAgent\":"u8);
        json.Text(query.Origin.UserAgent);
        WriteHeaders(ref json, query.Origin.Headers);
        json.Raw((byte)'}');
    }

    private static void WriteTimes(ref JsonBuffer json, ActiveQuery query)
    {
        json.Raw(query.StepMs == 0 ? ",\"kind\":\"instant\""u8 : ",\"kind\":\"range\""u8);
        json.Raw(",\"start\":"u8);
        json.Timestamp(query.StartMs);
        json.Raw(",\"end\":"u8);
        json.Timestamp(query.EndMs);
        json.Raw(",\"step\":"u8);
        json.Timestamp(query.StepMs);
    }

    private static void WriteHeaders(ref JsonBuffer json, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        json.Raw(",\"headers\":{"u8);
        for (var i = 0; i < headers.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            json.Text(headers[i].Key);
            json.Raw((byte)':');
            json.Text(headers[i].Value);
        }

        json.Raw((byte)'}');
    }
}
