using System.Globalization;
using System.Text.Json;

namespace PromHost.Server;

/// <summary>
/// The plan of a query as a table: a line for each operator, those that it reads from below it and further right. In
/// columns of two numbers the first is what happened, the second what was expected at most.
/// </summary>
internal static class ExplanationTable
{
    private const int IndentSize = 2;

    private static readonly string[] Header =
    [
        "operator", "steps", "series", "expected", "points", "expected", "samples", "expected", "bytes", "expected",
        "ms", "own ms", "cache", "expression",
    ];

    /// <summary>Lays a plan out.</summary>
    /// <param name="plan">The operator at the root, with what it did.</param>
    public static TextTable Of(JsonElement plan)
    {
        var table = new TextTable(Header, [.. Header.Select((_, i) => i > 0 && i < Header.Length - 1)]);
        Add(table, plan, 0);
        return table;
    }

    private static void Add(TextTable table, JsonElement plan, int level)
    {
        var actual = plan.GetProperty("actual");
        var estimated = plan.GetProperty("estimated");
        var indent = new string(' ', level * IndentSize);
        List<string> cells = [indent + plan.GetProperty("operator").GetString(), Number(plan, "steps")];
        foreach (var name in new[] { "series", "points", "samples", "bytes" })
        {
            cells.Add(Number(actual, name));
            cells.Add(Number(estimated, name));
        }

        cells.Add(Milliseconds(actual, "milliseconds"));
        cells.Add(Milliseconds(actual, "ownMilliseconds"));
        cells.Add(Cache(actual));
        var expression = plan.GetProperty("expression").GetString() ?? "";
        cells.Add(AnswerTable.Plain(expression.ReplaceLineEndings(" ")));
        table.Add(cells, [.. plan.GetProperty("details").EnumerateArray().Select(detail => $"{indent}  - {detail}")]);
        foreach (var child in plan.GetProperty("children").EnumerateArray()) Add(table, child, level + 1);
    }

    private static string Number(JsonElement parent, string name) =>
        parent.GetProperty(name).GetInt64().ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(JsonElement actual, string name) =>
        actual.GetProperty(name).GetDouble().ToString("F3", CultureInfo.InvariantCulture);

    // Hits of all that was looked up.
    private static string Cache(JsonElement actual)
    {
        var hits = actual.GetProperty("cacheHits").GetInt64();
        var all = hits + actual.GetProperty("cacheMisses").GetInt64();
        return all == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{hits}/{all}");
    }
}
