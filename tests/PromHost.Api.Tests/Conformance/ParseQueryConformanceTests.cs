using System.Text.Json.Nodes;
using PromHost.Conformance.Tests;

namespace PromHost.Api.Tests;

/// <summary>Runs <c>api/parse_query.json</c>: fields that the syntax tree of an expression has.</summary>
public sealed class ParseQueryConformanceTests
{
    [Fact]
    public async Task ParseQuery_HasTheFieldsOfTheCorpus()
    {
        var corpus = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("api/parse_query.json"), ApiServer.Token))!;
        await using var server = await ApiServer.StartAsync();
        foreach (var item in corpus["cases"]!.AsArray())
        {
            var query = Uri.EscapeDataString(item!["query"]!.GetValue<string>());
            var (_, json) = await server.GetJsonAsync("/api/v1/parse_query?query=" + query);
            foreach (var (field, expected) in item["expect"]!.AsObject())
            {
                JsonNode.DeepEquals(json["data"]![field], expected)
                    .Should().BeTrue($"{item["name"]}: {field} of {json.ToJsonString()}");
            }
        }
    }
}
