using Microsoft.AspNetCore.Http;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary><c>/api/v1/admin/tsdb/…</c>: deletes, cleans up and copies, where that is allowed.</summary>
internal static class AdminEndpoints
{
    /// <summary><c>delete_series</c>: one selector after the other, as Prometheus does.</summary>
    public static async ValueTask HandleDeleteSeriesAsync(ApiCall call)
    {
        var storage = Allowed(call);
        if (call.Parameters.Error is { } damaged)
            throw new ApiException(ApiErrorType.BadData, "error parsing form values: " + damaged);
        var selectors = call.Parameters.GetAll("match[]");
        if (selectors.Count == 0) throw new ApiException(ApiErrorType.BadData, "no match[] parameter provided");
        var startMs = call.Parameters.GetTime("start", RequestTime.MinMs);
        var endMs = call.Parameters.GetTime("end", RequestTime.MaxMs);
        foreach (var selector in selectors)
        {
            var matchers = Parse(selector);
            if (startMs > endMs) continue;
            await storage.DeleteSeriesAsync(startMs, endMs, matchers, call.Aborted).ConfigureAwait(false);
        }

        call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary><c>clean_tombstones</c>.</summary>
    public static async ValueTask HandleCleanTombstonesAsync(ApiCall call)
    {
        await Allowed(call).CleanTombstonesAsync(call.Aborted).ConfigureAwait(false);
        call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary><c>snapshot</c>.</summary>
    public static async ValueTask HandleSnapshotAsync(ApiCall call)
    {
        var storage = Allowed(call);
        var withHead = !ReadBool(call.Parameters, "skip_head");
        string name;
        try
        {
            name = await storage.SnapshotAsync(withHead, call.Aborted).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StorageReadException)
        {
            throw new ApiException(ApiErrorType.Internal, "create snapshot: " + error.Message);
        }

        WriteName(call, name);
    }

    private static void WriteName(ApiCall call, string name)
    {
        var json = call.BeginSuccess();
        json.Raw("{\"name\":"u8);
        json.Text(name);
        json.Raw((byte)'}');
        ApiCall.EndSuccess(ref json);
    }

    private static IStorageMaintenance Allowed(ApiCall call) => call.Services.Maintenance ??
        throw new ApiException(ApiErrorType.Unavailable, "admin APIs disabled");

    private static IReadOnlyList<LabelMatcher> Parse(string selector)
    {
        try
        {
            return Parser.ParseMetricSelector(selector);
        }
        catch (ParseException e)
        {
            throw ApiException.InvalidParameter("match[]", e.Message);
        }
    }

    // The words that Go takes for a bool.
    private static bool ReadBool(RequestParameters parameters, string name) => parameters.Get(name) switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "" or "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var text => throw ApiException.InvalidParameter(name,
            $"unable to parse boolean: strconv.ParseBool: parsing {GoText.Quote(text)}: invalid syntax"),
    };
}
