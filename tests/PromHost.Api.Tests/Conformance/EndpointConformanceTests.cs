using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using PromHost.Conformance.Tests;
using PromHost.Model;

namespace PromHost.Api.Tests;

/// <summary>Runs <c>api/endpoints.json</c>: whole requests with whole answers.</summary>
public sealed class EndpointConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Endpoints_AnswerAsTheCorpusSays()
    {
        var dataSets = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("api/data.json"), ApiServer.Token))!;
        var corpus = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("api/endpoints.json"), ApiServer.Token))!;
        var failures = new List<string>();
        int run = 0, missing = 0;
        foreach (var item in corpus["cases"]!.AsArray())
        {
            if (CorpusRequest.IsMissing(item!["path"]!.GetValue<string>()) || NeedsStepStatistics(item))
            {
                missing++;
                continue;
            }

            foreach (var method in item["methods"]!.AsArray())
            {
                run++;
                if (await RunAsync(dataSets, item, method!.GetValue<string>()) is { } failure)
                    failures.Add($"{item["id"]} {method} {item["path"]} {item["query"]!.ToJsonString()}: {failure}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{run - failures.Count} passed, {failures.Count} failed, {missing} cases of endpoints to come"));
        failures.Should().BeEmpty();
    }

    // Statistics per step are a feature flag of the engine that there is not yet.
    private static bool NeedsStepStatistics(JsonNode item) =>
        item["expect"]!["has"]?.ToJsonString().Contains("PerStep", StringComparison.Ordinal) == true;

    private static async Task<string?> RunAsync(JsonNode dataSets, JsonNode item, string method)
    {
        var storage = CorpusStorage.Load(dataSets, item["data"]?.GetValue<string>() ?? "none");
        if (item["inject_error"] is { } failure)
            storage.ReadFailure = CorpusStorage.FailureOf(failure.GetValue<string>());
        AddMetadata(storage, item["target_metadata"]);
        await using var server = await ApiServer.StartAsync(storage);
        var (status, text) = await CorpusRequest.SendAsync(
            server, method, item["path"]!.GetValue<string>(), item["query"]);
        var expect = item["expect"]!;
        if ((int)status != expect["status"]!.GetValue<int>()) return $"{(int)status} {text}";
        if (expect["body_contains"] is { } part && !text.Contains(part.GetValue<string>(), StringComparison.Ordinal))
            return text;
        if (status == HttpStatusCode.NoContent) return null;
        var answer = JsonNode.Parse(text)!;
        return CheckEnvelope(expect, answer) ?? CheckData(expect, answer["data"]);
    }

    private static void AddMetadata(MemoryStorage storage, JsonNode? pools)
    {
        var entries = (pools?.AsArray() ?? []).SelectMany(pool => pool!["metadata"]!.AsArray());
        foreach (var family in entries.GroupBy(entry => entry!["metric"]!.GetValue<string>(), StringComparer.Ordinal))
        {
            storage.AddMetadata(family.Key, [.. family.Select(entry => new MetricMetadata(
                entry!["type"]!.GetValue<string>(), entry["help"]!.GetValue<string>(),
                entry["unit"]!.GetValue<string>())).Distinct()]);
        }
    }

    private static string? CheckEnvelope(JsonNode expect, JsonNode answer)
    {
        var text = answer.ToJsonString();
        if (expect["error_type"] is { } type && !JsonNode.DeepEquals(answer["errorType"], type)) return text;
        if (expect["error"] is { } error && !JsonNode.DeepEquals(answer["error"], error)) return text;
        if (expect["warnings"] is { } count && (answer["warnings"]?.AsArray().Count ?? 0) != count.GetValue<int>())
            return text;
        if (expect["warning_contains"] is { } part && !answer["warnings"]!.ToJsonString()
            .Contains(part.GetValue<string>(), StringComparison.Ordinal)) return text;
        foreach (var path in expect["has"]?.AsArray() ?? [])
        {
            if (CorpusRequest.Follow(answer, path!.GetValue<string>()) is null) return text;
        }

        foreach (var path in expect["has_not"]?.AsArray() ?? [])
        {
            if (CorpusRequest.Follow(answer, path!.GetValue<string>()) is not null) return text;
        }

        return null;
    }

    private static string? CheckData(JsonNode expect, JsonNode? data)
    {
        var text = data?.ToJsonString();
        var count = data is JsonArray list ? list.Count : (data as JsonObject)?.Count;
        if (expect["data_length"] is { } length && count != length.GetValue<int>()) return text;
        if (expect["metadata_entries"] is { } entries &&
            data!.AsObject().Sum(family => family.Value!.AsArray().Count) != entries.GetValue<int>()) return text;
        if (!expect.AsObject().ContainsKey("data")) return null;
        var wanted = expect["data"]?.DeepClone();
        foreach (var path in expect["now_at"]?.AsArray() ?? []) ForgetAt(data, path!.AsArray());
        var unordered = expect["unordered"]?.GetValue<bool>() == true;
        return string.Equals(Canonical(wanted, unordered), Canonical(data, unordered), StringComparison.Ordinal)
            ? null
            : text;
    }

    private static void ForgetAt(JsonNode? node, JsonArray path)
    {
        for (var i = 0; i < path.Count - 1; i++) node = Step(node, path[i]!);
        var last = path[^1]!;
        Step(node, last)!.GetValue<double>().Should()
            .BeApproximately(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0, 60);
        if (node is JsonArray list) list[last.GetValue<int>()] = null;
        else node![last.GetValue<string>()] = null;
    }

    private static JsonNode? Step(JsonNode? node, JsonNode name) =>
        node is JsonArray list ? list[name.GetValue<int>()] : node![name.GetValue<string>()];

    // Objects by name, numbers by value, and lists by content where their order does not matter.
    private static string Canonical(JsonNode? node, bool unordered)
    {
        switch (node)
        {
            case JsonObject fields:
                return "{" + string.Join(',', fields.OrderBy(field => field.Key, StringComparer.Ordinal)
                    .Select(field => field.Key + ":" + Canonical(field.Value, unordered))) + "}";
            case JsonArray list:
                var items = list.Select(item => Canonical(item, unordered));
                return "[" + string.Join(',', unordered ? items.Order(StringComparer.Ordinal) : items) + "]";
            case JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number:
                return value.GetValue<double>().ToString("R", CultureInfo.InvariantCulture);
            default:
                return node?.ToJsonString() ?? "null";
        }
    }
}
