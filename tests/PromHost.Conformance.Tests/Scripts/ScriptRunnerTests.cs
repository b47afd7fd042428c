using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Conformance.Tests;

/// <summary>A runner that lets things pass hides everything else: scripts that must not pass, and must.</summary>
public class ScriptRunnerTests(ITestOutputHelper output)
{
    // How upstream words the failures; the first that fits counts.
    private static readonly (string Pattern, ScriptFailure[] Failures)[] s_wordings =
    [
        ("but query time range cannot return", [ScriptFailure.TooManyPointsExpected]),
        ("invalid (timestamp|regexp|expect|range vector|test definition)", [ScriptFailure.InvalidScript]),
        ("literal is required", [ScriptFailure.InvalidScript]),
        ("but got none$", [ScriptFailure.NoError]),
        ("^expected (warn|info) annotation", [ScriptFailure.MissingAnnotation]),
        ("^unexpected (warning|info) annotation", [ScriptFailure.ExtraAnnotation]),
        ("^expected error .*but got: ", [ScriptFailure.OtherError]),
        ("at position . but was at", [ScriptFailure.OtherOrder]),
        ("unexpected metric", [ScriptFailure.ExtraSeries]),
        ("not found$", [ScriptFailure.MissingSeries]),
        ("to have timestamp", [ScriptFailure.OtherTimestamp]),
        ("float points and", [ScriptFailure.OtherPointCount, ScriptFailure.OtherValue]),
        ("but got (histogram|float value)", [ScriptFailure.OtherSampleKind]),
        ("expected (vector|scalar result)", [ScriptFailure.OtherType]),
        ("but got", [ScriptFailure.OtherValue]),
    ];

    [Fact]
    public void Run_PassesOrFailsAsUpstream()
    {
        const string file = "promqltest/runner.json";
        using var cases = JsonDocument.Parse(File.ReadAllText(ConformanceFolder.Require(file)));
        using var engine = new ScriptEngine();
        var report = new ConformanceReport(file);
        foreach (var c in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var script = c.GetProperty("script").GetString()!;
            var error = c.TryGetProperty("error", out var text) ? text.GetString() : null;
            var excuse = script.Contains("{{", StringComparison.Ordinal) ? ExcuseFinder.NativeHistogram : "";
            report.Add(c.GetProperty("id").GetString()!, FindDifference(engine, script, error), excuse);
        }

        report.AssertAsListed(output);
    }

    [Fact]
    public void StartTimestampSequence_IsReadAsUpstream()
    {
        const string file = "promqltest/start_timestamp_sequences.json";
        using var cases = JsonDocument.Parse(File.ReadAllText(ConformanceFolder.Require(file)));
        var report = new ConformanceReport(file);
        foreach (var c in cases.RootElement.GetProperty("cases").EnumerateArray())
        {
            var expected = c.TryGetProperty("offsets_ms", out var offsets)
                ? string.Join(' ', offsets.EnumerateArray().Select(static o => o.ToString()).Select(Number))
                : "error";
            report.Run(c.GetProperty("id").GetString()!, () =>
            {
                var actual = "error";
                try
                {
                    var read = StartTimestampSequence.Parse(c.GetProperty("sequence").GetString()!);
                    actual = string.Join(' ', read.Select(static o => Number($"{o}")));
                }
                catch (ScriptException)
                {
                    // The text stays what it is.
                }

                return string.Equals(actual, expected, StringComparison.Ordinal) ? null : $"{actual} not {expected}";
            });
        }

        report.AssertAsListed(output);
    }

    private static string Number(string text) =>
        text.Length == 0 ? "_" : text.Split('.')[0];

    private static string? FindDifference(ScriptEngine engine, string script, string? error)
    {
        try
        {
            new ScriptRunner(engine).Run(script);
            return error is null ? null : $"passes instead of: {error}";
        }
        catch (ScriptException e)
        {
            if (error is null) return $"fails: {e.Failure}: {e.Message}";
            var wording = s_wordings.First(w => Regex.IsMatch(
                error, w.Pattern, RegexOptions.Singleline, TimeSpan.FromSeconds(1)));
            return wording.Failures.Contains(e.Failure) ? null : $"{e.Failure}: {e.Message} instead of: {error}";
        }
    }
}
