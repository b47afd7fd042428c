using System.Buffers;
using System.Text.Json;

namespace PromHost.Model.Tests;

/// <summary>Patterns and texts with what Go's regexp says of them; made by Golden/generate.go.</summary>
public class Re2GoldenTests
{
    [Fact]
    public void Re2_AgreesWithGo_OnGeneratedPatterns()
    {
        using Stream stream = typeof(Re2GoldenTests).Assembly.GetManifestResourceStream("go-regexp.jsonl")!;
        using StreamReader reader = new(stream);
        List<string> differences = [];
        int count = 0;
        while (reader.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Check(document.RootElement, differences);
            count++;
        }

        count.Should().BeGreaterThan(1000);
        differences.Should().BeEmpty();
    }

    private static void Check(JsonElement expected, List<string> differences)
    {
        string pattern = expected.GetProperty("p").GetString()!;
        bool framed = expected.GetProperty("f").GetBoolean();
        string? error = expected.TryGetProperty("e", out JsonElement text) ? text.GetString() : null;
        Re2 regex;
        try
        {
            regex = framed ? Re2.CompileFramed(pattern) : Re2.Compile(pattern);
        }
        catch (Re2SyntaxException e)
        {
            if (e.Message != error)
                differences.Add($"{pattern}: {e.Message} instead of {error}");
            return;
        }

        if (error is not null)
        {
            differences.Add($"{pattern}: accepted");
            return;
        }

        foreach (JsonElement result in expected.GetProperty("r").EnumerateArray())
        {
            byte[] utf8 = Convert.FromHexString(result[0].GetString()!);
            if (Describe(regex, utf8, result[2].GetString()!) is { } actual && actual != Describe(result))
                differences.Add($"{pattern} on {result[0]}: {actual} instead of {Describe(result)}");
            if (regex.IsMatch(utf8) != (result[1].ValueKind == JsonValueKind.Array))
                differences.Add($"{pattern} on {result[0]}: IsMatch");
        }
    }

    private static string Describe(JsonElement result)
    {
        if (result[1].ValueKind != JsonValueKind.Array)
            return "no match";
        return $"{string.Join(',', result[1].EnumerateArray().Select(o => o.GetInt32()))} {result[3].GetString()}";
    }

    private static string Describe(Re2 regex, byte[] utf8, string template)
    {
        int[] offsets = new int[2 * (regex.CaptureCount + 1)];
        if (!regex.TryMatchCaptures(utf8, offsets))
            return "no match";
        ArrayBufferWriter<byte> output = new();
        regex.Expand(template, utf8, offsets, output);
        return $"{string.Join(',', offsets)} {Convert.ToHexStringLower(output.WrittenSpan)}";
    }
}
