using System.Globalization;
using System.Text.Json.Nodes;
using PromHost.Conformance.Tests;

namespace PromHost.Api.Tests;

/// <summary>Runs <c>api/scenarios.json</c>: requests with checks on their answers.</summary>
public sealed class ScenarioConformanceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Scenarios_HoldTheirChecks()
    {
        var corpus = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("api/scenarios.json"), ApiServer.Token))!;
        var failures = new List<string>();
        int run = 0, missing = 0;
        foreach (var item in corpus["cases"]!.AsArray())
        {
            var path = item!["path"]!.GetValue<string>();
            var storage = CorpusStorage.ForScenario(item["data"]!.GetValue<string>());
            if (storage is null || CorpusRequest.IsMissing(path))
            {
                missing++;
                continue;
            }

            run++;
            await using var server = await ApiServer.StartAsync(storage);
            var (status, text) = await CorpusRequest.SendAsync(
                server, item["method"]!.GetValue<string>(), path, item["query"]);
            var answer = JsonNode.Parse(text);
            foreach (var check in item["expect"]!.AsArray().Where(check => !Holds(check!, (int)status, answer)))
                failures.Add($"{item["id"]} {item["name"]}: {check!.ToJsonString()} in {text}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{run} scenarios run, {failures.Count} checks failed, {missing} of endpoints or data to come"));
        failures.Should().BeEmpty();
    }

    private static bool Holds(JsonNode check, int status, JsonNode? answer)
    {
        var value = check["value"];
        var found = check["path"] is { } path ? CorpusRequest.Follow(answer, path.GetValue<string>()) : null;
        return check["check"]!.GetValue<string>() switch
        {
            "status" => JsonNode.DeepEquals(answer!["status"], value),
            "http_status" => status == value!.GetValue<int>(),
            "exists" => found is not null,
            "absent" => found is null,
            "equals" => JsonNode.DeepEquals(found, value),
            "is_array" => found is JsonArray,
            "min_length" => found is JsonArray list && list.Count >= value!.GetValue<int>(),
            "contains" => found is JsonArray list && list.Any(item => JsonNode.DeepEquals(item, value)),
            "some_element_has" => found is JsonArray list &&
                list.Any(item => item![value!.GetValue<string>()] is not null),
            "some_element_equals" => found is JsonArray list &&
                list.Any(item => JsonNode.DeepEquals(item![check["key"]!.GetValue<string>()], value)),
            var other => throw new InvalidOperationException(other),
        };
    }
}
