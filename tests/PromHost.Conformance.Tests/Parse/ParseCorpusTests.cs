using System.Text;
using System.Text.Json;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

public class ParseCorpusTests
{
    [Fact]
    public void Expressions_ParseToTheTreeOrFailWithTheErrors()
    {
        var file = CorpusFile.Open("promql-parse/expressions.json");
        file.RunAll(item =>
        {
            Expression tree;
            try
            {
                tree = Parser.ParseExpression(CorpusFile.InputOf(item), file.OptionsOf(item));
            }
            catch (ParseException e)
            {
                return item.GetProperty("ok").GetBoolean() ? "does not parse: " + e.Message : CompareErrors(item, e);
            }

            return item.GetProperty("ok").GetBoolean()
                ? SyntaxTreeComparison.Difference(item.GetProperty("ast"), tree)
                : "parses to " + tree;
        });
    }

    [Fact]
    public void Expressions_PrintAsGiven()
    {
        var file = CorpusFile.Open("promql-parse/printed.json");
        file.RunAll(item => Compare(
            Parser.ParseExpression(CorpusFile.InputOf(item), file.OptionsOf(item)).ToString(), item, "printed"));
    }

    [Fact]
    public void Selectors_PrintAsGiven() => CorpusFile.Open("promql-parse/printed_selectors.json").RunAll(item =>
    {
        var matchers = item.GetProperty("matchers").EnumerateArray()
            .Select(m => new LabelMatcher(
                TypeOf(m.GetProperty("type").GetString()!),
                m.GetProperty("name").GetString()!,
                m.GetProperty("value").GetString()!));
        var selector = new VectorSelector(item.GetProperty("metric_name").GetString()!, [.. matchers], default);
        return Compare(selector.ToString(), item, "printed");
    });

    [Fact]
    public void Expressions_ArePrettifiedAsGiven()
    {
        var file = CorpusFile.Open("promql-parse/prettified.json");
        file.RunAll(item =>
        {
            var tree = Parser.ParseExpression(CorpusFile.InputOf(item), file.OptionsOf(item));
            return Compare(Prettifier.Prettify(tree, item.GetProperty("max_line").GetInt32()), item, "prettified");
        });
    }

    [Fact]
    public void Selectors_AreFoundInExpressions() =>
        CorpusFile.Open("promql-parse/extract_selectors.json").RunAll(item =>
        {
            var found = Parser.ParseExpression(CorpusFile.InputOf(item)).Selectors()
                .Select(s => "{" + string.Join(", ", s.Matchers) + "}").ToList();
            var expected = item.GetProperty("selectors").EnumerateArray().Select(s => s.GetString()!).ToList();
            return found.SequenceEqual(expected, StringComparer.Ordinal) ? null : "found " + string.Join(' ', found);
        });

    [Fact]
    public void Queries_Parse() => CorpusFile.Open("promql-queries/queries.json").RunAll(item =>
    {
        try
        {
            var tree = Parser.ParseExpression(item.GetProperty("query").GetString()!);
            var again = Parser.ParseExpression(tree.ToString());
            return string.Equals(tree.ToString(), again.ToString(), StringComparison.Ordinal)
                ? null
                : $"prints as {tree} and then as {again}";
        }
        catch (ParseException e)
        {
            // Not every query that must fail fails at parsing.
            return item.TryGetProperty("should_fail_v3", out var fails) && fails.GetBoolean() ? null : e.Message;
        }
    });

    private static string? CompareErrors(JsonElement item, ParseException exception)
    {
        var expected = Encoding.UTF8.GetString(CorpusFile.BytesOf(item, "error"));
        if (!string.Equals(exception.Message, expected, StringComparison.Ordinal))
            return $"expected {expected}, got {exception.Message}";
        var count = item.GetProperty("error_count").GetInt32();
        if (exception.Errors.Count != count)
        {
            return $"expected {count} errors, got {exception.Errors.Count}: " +
                string.Join(" | ", exception.Errors.Take(5));
        }

        foreach (var (error, actual) in item.GetProperty("errors").EnumerateArray().Zip(exception.Errors))
        {
            var start = error.GetProperty("start").GetInt32();
            var position = new PositionRange(start, error.GetProperty("end").GetInt32());
            var message = Encoding.UTF8.GetString(CorpusFile.BytesOf(error, "message"));
            if (actual.Position != position || !string.Equals(actual.Message, message, StringComparison.Ordinal))
                return $"expected {position} {message}, got {actual}";
        }

        return null;
    }

    private static string? Compare(string actual, JsonElement item, string field)
    {
        var expected = item.GetProperty(field).GetString();
        return string.Equals(actual, expected, StringComparison.Ordinal) ? null : $"expected {expected}, got {actual}";
    }

    private static Model.MatchType TypeOf(string text) => text switch
    {
        "=" => Model.MatchType.Equal,
        "!=" => Model.MatchType.NotEqual,
        "=~" => Model.MatchType.RegexMatch,
        _ => Model.MatchType.NotRegexMatch,
    };
}
