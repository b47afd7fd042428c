using System.Text;
using System.Text.Json;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>A file of cases in JSON.</summary>
internal sealed class CorpusFile
{
    private readonly JsonElement _root;

    private CorpusFile(string name, JsonElement root)
    {
        Name = name;
        _root = root;
    }

    /// <summary>The file as the list of known failures names it.</summary>
    public string Name { get; }

    /// <summary>The cases.</summary>
    public IEnumerable<JsonElement> Cases => _root.GetProperty("cases").EnumerateArray();

    /// <summary>Opens a file; skips the calling test when the corpora are absent.</summary>
    public static CorpusFile Open(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(ConformanceFolder.Require(name)));
        return new CorpusFile(name, document.RootElement.Clone());
    }

    /// <summary>Runs all cases and holds the outcome against the known failures.</summary>
    /// <param name="check">Returns what is wrong with a case, or null.</param>
    public void RunAll(Func<JsonElement, string?> check)
    {
        var report = new ConformanceReport(Name);
        var count = 0;
        foreach (var item in Cases)
        {
            count++;
            report.Run(IdOf(item), () => check(item));
        }

        count.Should().Be(_root.GetProperty("count").GetInt32());
        report.AssertAsListed(TestContext.Current.TestOutputHelper);
    }

    /// <summary>The optional syntax that is on for a case.</summary>
    public ParserOptions OptionsOf(JsonElement item)
    {
        if (!item.TryGetProperty("parser_options", out var list) && !_root.TryGetProperty("parser_options", out list))
            return new ParserOptions { DurationExpressions = false };
        var names = list.EnumerateArray().Select(static n => n.GetString()!).ToHashSet(StringComparer.Ordinal);
        return new ParserOptions
        {
            ExperimentalFunctions = names.Contains("experimental_functions"),
            DurationExpressions = names.Contains("duration_expr"),
            ExtendedRangeSelectors = names.Contains("extended_range_selectors"),
            BinopFillModifiers = names.Contains("binop_fill_modifiers"),
        };
    }

    /// <summary>The text to parse, as bytes: some are not UTF-8.</summary>
    public static byte[] InputOf(JsonElement item) => BytesOf(item, "input");

    /// <summary>A text field, plain or in base64 when it is not UTF-8.</summary>
    public static byte[] BytesOf(JsonElement item, string field) => item.TryGetProperty(field, out var text)
        ? Encoding.UTF8.GetBytes(text.GetString()!)
        : item.GetProperty(field + "_base64").GetBytesFromBase64();

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;
}
