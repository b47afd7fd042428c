using System.Globalization;

namespace PromHost.PromQL.Tests;

/// <summary>A syntax tree as text: every field of every node but the positions, matchers in order.</summary>
internal static class TreeText
{
    public static string Of(Expression? expression) => expression switch
    {
        null => "-",
        NumberLiteral n => string.Create(CultureInfo.InvariantCulture, $"{n.Value:R}{(n.IsDuration ? "d" : "")}"),
        StringLiteral s => "'" + Convert.ToHexString(s.Utf8Value.Span) + "'",
        VectorSelector v => OfSelector(v),
        MatrixSelector m => $"range({OfSelector(m.Selector)}|{m.RangeMs}|{Of(m.RangeExpression)})",
        SubqueryExpression q => $"sub({Of(q.Operand)}|{q.RangeMs}|{Of(q.RangeExpression)}|{q.StepMs}|" +
            $"{Of(q.StepExpression)}|{q.OffsetMs}|{Of(q.OffsetExpression)}|{q.AtMs}|{q.At})",
        DurationExpression d => $"dur({d.Operator}|{Of(d.Left)}|{Of(d.Right)}|{d.IsWrapped})",
        UnaryExpression u => $"{u.Operator}({Of(u.Operand)})",
        ParenthesizedExpression p => $"paren({Of(p.Inner)})",
        BinaryExpression b => $"{b.Operator}({Of(b.Left)}|{Of(b.Right)}|{b.ReturnsBool}|{OfMatching(b.Matching)})",
        Call c => $"{c.Function.Name}({string.Join('|', c.Arguments.Select(Of))})",
        AggregateExpression a =>
            $"{a.Aggregation}({Of(a.Operand)}|{Of(a.Parameter)}|{a.IsWithout}|{string.Join(',', a.Grouping)})",
        _ => throw new NotSupportedException(expression.GetType().Name),
    };

    private static string OfSelector(VectorSelector selector)
    {
        var matchers = selector.Matchers.Select(m => m.ToString()).Order(StringComparer.Ordinal);
        return $"sel({selector.Name}|{string.Join(',', matchers)}|{selector.OffsetMs}|" +
            $"{Of(selector.OffsetExpression)}|{selector.AtMs}|{selector.At}|{selector.IsAnchored}|" +
            $"{selector.IsSmoothed}|{selector.BypassesEmptyMatcherCheck})";
    }

    private static string OfMatching(VectorMatching? matching)
    {
        if (matching is null) return "-";
        var (labels, include) = (string.Join(',', matching.Labels), string.Join(',', matching.Include));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{matching.Cardinality} {matching.IsOn} {labels} {include} {matching.FillLeft} {matching.FillRight}");
    }
}
