using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using PromHost.Conformance.Tests;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Api.Tests;

/// <summary>Runs <c>api/encoding.json</c>: values and the exact bytes of their JSON.</summary>
public sealed class EncodingConformanceTests
{
    [Fact]
    public async Task Values_AreWrittenByteForByte()
    {
        var corpus = JsonNode.Parse(await File.ReadAllTextAsync(
            ConformanceFolder.Require("api/encoding.json"), ApiServer.Token))!;
        foreach (var item in corpus["cases"]!.AsArray())
        {
            var response = item!["response"]!;
            var text = item["kind"]!.GetValue<string>() switch
            {
                "point" => Write((ref JsonBuffer json) =>
                    json.Point(response["t"]!.GetValue<long>(), ValueOf(response["f"]!))),
                "query result" => await WriteResultAsync(response),
                "exemplars" => null,
                var kind => throw new InvalidOperationException(kind),
            };
            // Exemplars come with their endpoint.
            if (text is null) continue;
            text.Should().Be(item["json"]!.GetValue<string>(), item["id"]!.GetValue<string>());
        }
    }

    private delegate void WriteData(ref JsonBuffer json);

    private static string Write(WriteData write)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var json = new JsonBuffer(output);
        json.Raw("{\"status\":\"success\",\"data\":"u8);
        write(ref json);
        ApiCall.EndSuccess(ref json);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // The samples of the corpus have times of their own, those of a result one in common: each is written as a result.
    private static async Task<string> WriteResultAsync(JsonNode response)
    {
        var items = response["result"]!.AsArray();
        if (response["resultType"]!.GetValue<string>() is "matrix") return await WriteResultAsync(MatrixOf(items));
        var start = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[";
        var samples = new List<string>();
        foreach (var item in items)
        {
            var text = await WriteResultAsync(new VectorResult(item!["t"]!.GetValue<long>(),
                new[] { LabelsOf(item) }, new[] { ValueOf(item["f"]!) }, default));
            text.Should().StartWith(start).And.EndWith("]}}");
            samples.Add(text[start.Length..^3]);
        }

        return start + string.Join(',', samples) + "]}}";
    }

    private static async Task<string> WriteResultAsync(QueryValue value)
    {
        using var stream = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = stream;
        await using var body = new ResponseBody(http, ContentCoding.Identity);
        using var engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);
        await QueryResultJsonWriter.WriteAsync(body, value, int.MaxValue, engine, ApiServer.Token);
        await body.CompleteAsync(ApiServer.Token);
        return "{\"status\":\"success\",\"data\":" + Encoding.UTF8.GetString(stream.ToArray()) + "}}";
    }

    private static MatrixResult MatrixOf(JsonArray items) => new([.. items.Select(item => new MatrixSeries(
        LabelsOf(item!),
        item!["floats"]!.AsArray().Select(point => point!["t"]!.GetValue<long>()).ToArray(),
        item["floats"]!.AsArray().Select(point => ValueOf(point!["f"]!)).ToArray(),
        default, default))]);

    private static Labels LabelsOf(JsonNode item) => Labels.FromPairs(
        [.. item["metric"]!.AsObject().Select(label => (label.Key, label.Value!.GetValue<string>()))]);

    private static double ValueOf(JsonNode value) => value.GetValueKind() == System.Text.Json.JsonValueKind.String
        ? value.GetValue<string>() switch
        {
            "NaN" => double.NaN,
            "+Inf" => double.PositiveInfinity,
            _ => double.NegativeInfinity,
        }
        : value.GetValue<double>();
}
