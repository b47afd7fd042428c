using System.Text.Json;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>Holds a syntax tree against a tree of the corpus, positions included.</summary>
internal static class SyntaxTreeComparison
{
    private const int MaxDepth = 4096;

    private static readonly JsonSerializerOptions s_json = new() { MaxDepth = MaxDepth };

    /// <summary>The first difference, or null.</summary>
    public static string? Difference(JsonElement expected, Expression actual)
    {
        var written = Write(actual).ToJsonString();
        using var document = JsonDocument.Parse(written, new JsonDocumentOptions { MaxDepth = MaxDepth });
        return Difference("$", expected, document.RootElement);
    }

    private static string? Difference(string path, JsonElement expected, JsonElement actual)
    {
        if (expected.ValueKind != actual.ValueKind) return $"{path}: expected {expected}, got {actual}";
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                var names = expected.EnumerateObject().Concat(actual.EnumerateObject()).Select(static p => p.Name);
                foreach (var name in names.Distinct(StringComparer.Ordinal))
                {
                    var isExpected = expected.TryGetProperty(name, out var e);
                    if (!actual.TryGetProperty(name, out var a)) return $"{path}.{name}: expected {e}, got nothing";
                    if (!isExpected) return $"{path}.{name}: expected nothing, got {a}";
                    if (Difference($"{path}.{name}", e, a) is { } difference) return difference;
                }

                return null;
            case JsonValueKind.Array:
                if (expected.GetArrayLength() != actual.GetArrayLength())
                    return $"{path}: expected {expected}, got {actual}";
                return expected.EnumerateArray().Zip(actual.EnumerateArray())
                    .Select((pair, i) => Difference($"{path}[{i}]", pair.First, pair.Second))
                    .FirstOrDefault(static d => d is not null);
            case JsonValueKind.Number:
                return expected.GetDouble() == actual.GetDouble() ? null : $"{path}: expected {expected}, got {actual}";
            default:
                return string.Equals(expected.ToString(), actual.ToString(), StringComparison.Ordinal)
                    ? null
                    : $"{path}: expected {expected}, got {actual}";
        }
    }

    private static JsonTree Write(Expression expression) => expression switch
    {
        NumberLiteral n => new JsonTree("NumberLiteral")
            .Add("value", Number(n.Value)).AddIf(n.IsDuration, "duration", true).Add("pos", Range(n)),
        StringLiteral s => WriteString(s),
        VectorSelector v => WriteSelector(v),
        MatrixSelector m => new JsonTree("MatrixSelector").Add("selector", Write(m.Selector))
            .AddIf(m.RangeExpression is null, "range_ms", m.RangeMs)
            .AddIf(m.RangeExpression is not null, "range_expr", () => Write(m.RangeExpression!))
            .Add("end", m.Position.End),
        SubqueryExpression q => WriteSubquery(q),
        DurationExpression d => WriteDuration(d),
        UnaryExpression u => new JsonTree("UnaryExpr").Add("op", u.Operator.ToText())
            .Add("expr", Write(u.Operand)).Add("start", u.Position.Start),
        ParenthesizedExpression p => new JsonTree("ParenExpr").Add("expr", Write(p.Inner)).Add("pos", Range(p)),
        BinaryExpression b => WriteBinary(b),
        Call c => new JsonTree("Call").Add("func", c.Function.Name)
            .Add("args", c.Arguments.Select(Write).ToArray()).Add("pos", Range(c)),
        AggregateExpression a => new JsonTree("AggregateExpr").Add("op", a.Aggregation.ToText())
            .Add("expr", Write(a.Operand))
            .AddIf(a.Parameter is not null, "param", () => Write(a.Parameter!))
            .Add("grouping", a.Grouping.ToArray()).Add("without", a.IsWithout).Add("pos", Range(a)),
        _ => throw new NotSupportedException(expression.GetType().Name),
    };

    private static JsonTree WriteString(StringLiteral literal)
    {
        var tree = new JsonTree("StringLiteral");
        if (System.Text.Unicode.Utf8.IsValid(literal.Utf8Value.Span)) tree.Add("value", literal.Value);
        else tree.Add("value_base64", Convert.ToBase64String(literal.Utf8Value.Span));
        return tree.Add("pos", Range(literal));
    }

    private static JsonTree WriteSelector(VectorSelector selector)
    {
        var matchers = selector.Matchers
            .Select(m => new JsonTree().Add("type", TypeOf(m)).Add("name", m.Name).Add("value", m.Value));
        var tree = new JsonTree("VectorSelector").AddIf(selector.Name.Length > 0, "name", selector.Name)
            .Add("matchers", matchers.ToArray());
        AddModifiers(tree, selector.OffsetMs, selector.OffsetExpression, selector.AtMs, selector.At);
        return tree.AddIf(selector.IsAnchored, "anchored", true).AddIf(selector.IsSmoothed, "smoothed", true)
            .AddIf(selector.BypassesEmptyMatcherCheck, "bypass_empty_matcher_check", true).Add("pos", Range(selector));
    }

    private static JsonTree WriteSubquery(SubqueryExpression subquery)
    {
        var tree = new JsonTree("SubqueryExpr").Add("expr", Write(subquery.Operand))
            .AddIf(subquery.RangeExpression is null, "range_ms", subquery.RangeMs)
            .AddIf(subquery.RangeExpression is not null, "range_expr", () => Write(subquery.RangeExpression!))
            .AddIf(subquery.StepMs != 0, "step_ms", subquery.StepMs)
            .AddIf(subquery.StepExpression is not null, "step_expr", () => Write(subquery.StepExpression!));
        AddModifiers(tree, subquery.OffsetMs, subquery.OffsetExpression, subquery.AtMs, subquery.At);
        return tree.Add("end", subquery.Position.End);
    }

    private static void AddModifiers(
        JsonTree tree, long offsetMs, DurationExpression? offset, long? atMs, AtAnchor anchor) => tree
        .AddIf(offsetMs != 0, "offset_ms", offsetMs)
        .AddIf(offset is not null, "offset_expr", () => Write(offset!))
        .AddIf(atMs is not null, "at_ms", atMs ?? 0)
        .AddIf(anchor != AtAnchor.None, "at", anchor == AtAnchor.Start ? "start()" : "end()");

    // The corpus gives ends only where upstream stores them: for calls and for literals in parentheses.
    private static JsonTree WriteDuration(DurationExpression duration)
    {
        var isWrappedLiteral = duration is { IsWrapped: true, Left: null, Right: NumberLiteral };
        var isCall = duration.Operator >= DurationOperator.Step;
        return new JsonTree("DurationExpr").Add("op", duration.Operator.ToText())
            .AddIf(duration.Left is not null, "lhs", () => Write(duration.Left!))
            .AddIf(duration.Right is not null, "rhs", () => Write(duration.Right!))
            .AddIf(duration.IsWrapped, "wrapped", true)
            .AddIf(isCall || duration.Left is null, "start", duration.Position.Start)
            .AddIf(isCall || isWrappedLiteral, "end", duration.Position.End);
    }

    private static JsonTree WriteBinary(BinaryExpression binary)
    {
        var tree = new JsonTree("BinaryExpr").Add("op", binary.Operator.ToText())
            .Add("lhs", Write(binary.Left)).Add("rhs", Write(binary.Right)).AddIf(binary.ReturnsBool, "bool", true);
        if (binary.Matching is not { } matching) return tree;
        return tree.Add(
            "matching",
            new JsonTree().Add("card", matching.Cardinality.ToText()).Add("on", matching.IsOn)
                .Add("labels", matching.Labels.ToArray()).Add("include", matching.Include.ToArray()));
    }

    private static string TypeOf(LabelMatcher matcher) => matcher.Type switch
    {
        Model.MatchType.Equal => "=",
        Model.MatchType.NotEqual => "!=",
        Model.MatchType.RegexMatch => "=~",
        _ => "!~",
    };

    private static object Number(double value) =>
        double.IsFinite(value) ? value : double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    private static int[] Range(Expression expression) => [expression.Position.Start, expression.Position.End];

    /// <summary>An object of the tree being written.</summary>
    private sealed class JsonTree
    {
        private readonly Dictionary<string, object> _fields = new(StringComparer.Ordinal);

        public JsonTree()
        {
        }

        public JsonTree(string node) => Add("node", node);

        public JsonTree Add(string name, object value)
        {
            _fields.Add(name, value switch
            {
                JsonTree tree => tree._fields,
                JsonTree[] trees => trees.Select(static t => t._fields).ToArray(),
                _ => value,
            });
            return this;
        }

        public JsonTree AddIf(bool condition, string name, object value) => condition ? Add(name, value) : this;

        public JsonTree AddIf(bool condition, string name, Func<object> value) =>
            condition ? Add(name, value()) : this;

        public string ToJsonString() => JsonSerializer.Serialize(_fields, s_json);
    }
}
