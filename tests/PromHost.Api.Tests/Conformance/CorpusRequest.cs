using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace PromHost.Api.Tests;

/// <summary>A request of the api corpus and its answer.</summary>
internal static class CorpusRequest
{
    /// <summary>Parts of the API that do not exist yet; cases that concern them are left out and counted.</summary>
    public static string[] MissingEndpoints { get; } =
    [
        "/api/v1/rules", "/api/v1/alerts", "/api/v1/alertmanagers", "/api/v1/targets", "/api/v1/scrape_pools",
        "/api/v1/admin/", "/api/v1/query_exemplars", "/api/v1/status/self_metrics",
    ];

    /// <summary>Sends it: GET with a query string, POST with a form.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> SendAsync(
        ApiServer server, string method, string path, JsonNode? query)
    {
        var pairs = (query?.AsObject() ?? []).SelectMany(parameter => parameter.Value!.AsArray().Select(value =>
            KeyValuePair.Create(parameter.Key, ValueOf(value!)))).ToArray();
        using var form = new FormUrlEncodedContent(pairs);
        var encoded = await form.ReadAsStringAsync(ApiServer.Token);
        if (string.Equals(method, "POST", StringComparison.Ordinal)) return await server.PostFormAsync(path, encoded);
        using var response = await server.Client.GetAsync(path + "?" + encoded, ApiServer.Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(ApiServer.Token));
    }

    /// <summary>Does the path belong to a part of the API that does not exist yet?</summary>
    public static bool IsMissing(string path) =>
        MissingEndpoints.Any(missing => path.StartsWith(missing, StringComparison.Ordinal));

    /// <summary>Follows a dotted path; null where it ends.</summary>
    public static JsonNode? Follow(JsonNode? node, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (node is not JsonObject fields || !fields.TryGetPropertyValue(name, out node)) return null;
        }

        return node;
    }

    private static string ValueOf(JsonNode value)
    {
        if (value is not JsonObject) return value.GetValue<string>();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        return (now + value["now_plus_seconds"]!.GetValue<double>()).ToString(CultureInfo.InvariantCulture);
    }
}
