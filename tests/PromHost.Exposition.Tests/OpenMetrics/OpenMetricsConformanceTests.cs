using System.Globalization;
using System.Text;
using System.Text.Json;
using PromHost.Model;

namespace PromHost.Exposition.Tests;

/// <summary>The cases of the OpenMetrics corpus, where it is there.</summary>
public class OpenMetricsConformanceTests
{
    [Fact]
    public void Read_GivesTheEntriesOfTheCorpus()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(Require("parse.json")));
        var count = 0;
        foreach (var test in OpenMetricsCases(corpus))
        {
            var options = test.GetProperty("options").EnumerateArray().Select(option => option.GetString()).ToList();
            // Conversions of classic histograms are the business of whoever scrapes.
            if (options.Contains("convert_classic_histograms_to_nhcb")) continue;
            count++;
            var (entries, error) = ParsedEntries.Read(Input(test), new ExpositionReadOptions(
                options.Contains("skip_created_series"), options.Contains("type_and_unit_labels")));

            error.Should().BeNull(test.GetProperty("id").GetString());
            if (test.TryGetProperty("compare", out _)) entries = [.. entries.Select(Reduce)];
            var isReduced = test.TryGetProperty("compare", out _);
            entries.Should().Equal(
                test.GetProperty("entries").EnumerateArray().Select(entry => Expected(entry, isReduced)),
                test.GetProperty("id").GetString());
        }

        count.Should().BePositive();
    }

    [Fact]
    public void Read_FailsAsTheCorpusSays()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(Require("errors.json")));
        var failures = new List<string>();
        var count = 0;
        foreach (var test in OpenMetricsCases(corpus))
        {
            count++;
            var (_, error) = ParsedEntries.Read(Input(test));
            var expected = test.TryGetProperty("error", out var text) ? text.GetString() : null;
            if (error?.Message != expected) failures.Add($"{expected}\n  but {error}");
        }

        failures.Should().BeEmpty();
        count.Should().BePositive();
    }

    [Fact]
    public void Read_TakesWhatConforms()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(Require("openmetrics_spec.json")));
        var valid = Cases(corpus).Where(test => test.GetProperty("valid").GetBoolean()).ToList();
        valid.Should().NotBeEmpty();
        foreach (var test in valid)
            ParsedEntries.Read(Input(test)).Error.Should().BeNull(test.GetProperty("id").GetString());
    }

    [Fact]
    public void Read_TakesLargeFiles()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllBytes(Require("files.json")));
        var files = OpenMetricsCases(corpus).ToList();
        files.Should().NotBeEmpty();
        foreach (var test in files)
        {
            var bytes = File.ReadAllBytes(Require(test.GetProperty("file").GetString()!));
            ParsedEntries.Read(bytes).Error.Should().BeNull(test.GetProperty("id").GetString());
        }
    }

    private static string Expected(JsonElement entry, bool isReduced)
    {
        var kind = entry.GetProperty("kind").GetString()!;
        if (kind != "series")
        {
            return isReduced
                ? kind
                : $"{kind} {entry.GetProperty("name").GetString()} {entry.GetProperty("text").GetString()}";
        }

        var raw = entry.GetProperty("raw").GetString()!;
        var startMs = entry.GetProperty("start_t").GetInt64();
        if (isReduced) return $"series {raw} from {startMs}";
        var exemplar = entry.TryGetProperty("exemplars", out var exemplars)
            ? ParsedEntries.Exemplar(
                Labels(exemplars[0]), Number(exemplars[0].GetProperty("value")), Time(exemplars[0]))
            : "";
        return ParsedEntries.Series(
            raw, Labels(entry), Number(entry.GetProperty("value")), Time(entry), exemplar, startMs);
    }

    // Kind, raw text and start.
    private static string Reduce(string entry)
    {
        if (!entry.StartsWith("series ", StringComparison.Ordinal)) return entry[..entry.IndexOf(' ')];
        var labelsAt = entry.IndexOf(" {__name__=", StringComparison.Ordinal);
        return entry[..labelsAt] + entry[entry.LastIndexOf(" from ", StringComparison.Ordinal)..];
    }

    private static string Labels(JsonElement entry)
    {
        var labels = new LabelsBuilder();
        foreach (var label in entry.GetProperty("labels").EnumerateObject())
            labels.Set(label.Name, label.Value.GetString()!);
        return labels.ToLabels().ToString();
    }

    private static long? Time(JsonElement entry) =>
        entry.TryGetProperty("t", out var time) && time.ValueKind == JsonValueKind.Number ? time.GetInt64() : null;

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble()
        : value.GetString() switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var text => double.Parse(text!, CultureInfo.InvariantCulture),
        };

    private static byte[] Input(JsonElement test) => test.TryGetProperty("input_base64", out var base64)
        ? base64.GetBytesFromBase64()
        : Encoding.UTF8.GetBytes(test.GetProperty("input").GetString()!);

    private static IEnumerable<JsonElement> OpenMetricsCases(JsonDocument corpus) =>
        Cases(corpus).Where(test => test.GetProperty("format").GetString() == "openmetrics");

    private static JsonElement.ArrayEnumerator Cases(JsonDocument corpus) =>
        corpus.RootElement.GetProperty("cases").EnumerateArray();

    private static string Require(string name)
    {
        var folder = Environment.GetEnvironmentVariable("PROMHOST_CONFORMANCE");
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); folder is null && at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "PromHost.sln")))
                folder = Path.Combine(at.FullName, "..", "shared", "conformance");
        }

        var path = Path.Combine(folder ?? "", "openmetrics", name);
        Assert.SkipUnless(File.Exists(path), $"the corpus openmetrics/{name} is not here");
        return path;
    }
}
