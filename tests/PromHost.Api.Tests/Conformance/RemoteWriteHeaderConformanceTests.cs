using System.Net;
using System.Text.Json.Nodes;
using PromHost.Conformance.Tests;

namespace PromHost.Api.Tests;

/// <summary>
/// Runs the header cases of <c>remote-write/handler.json</c> for protocol 1.0. Their message holds native histograms,
/// which are refused for now: what counts here is whether the headers are.
/// </summary>
public sealed class RemoteWriteHeaderConformanceTests
{
    [Fact]
    public async Task Headers_AreJudgedAsTheCorpusSays()
    {
        var corpus = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("remote-write/handler.json"), ApiServer.Token))!;
        await using var server = await ApiServer.StartAsync();
        var count = 0;
        foreach (var item in corpus["cases"]!.AsArray())
        {
            var name = item!["name"]!.GetValue<string>();
            if (!name.StartsWith("headers:", StringComparison.Ordinal) ||
                item["version"]!.GetValue<string>() is not "1.0") continue;
            count++;
            using var content = new ByteArrayContent(Convert.FromBase64String(item["body_base64"]!.GetValue<string>()));
            foreach (var (header, value) in item["headers"]!.AsObject())
                content.Headers.TryAddWithoutValidation(header, value!.GetValue<string>());
            using var response = await server.Client.PostAsync("/api/v1/write", content, ApiServer.Token);
            var refused = item["expect"]!["status"]!.GetValue<int>() == (int)HttpStatusCode.UnsupportedMediaType;
            (response.StatusCode == HttpStatusCode.UnsupportedMediaType).Should().Be(refused, name);
            ((int)response.StatusCode).Should().BeLessThan(500, name);
        }

        count.Should().BeGreaterThan(0);
    }
}
