using System.Text;

namespace PromHost.PromQL;

/// <summary>
/// Lays an expression out over lines. A node that fits on a line stays on it; else its operands go to lines of their
/// own, one level deeper. The result is that of Prometheus's <c>/api/v1/format_query</c>.
/// </summary>
public static class Prettifier
{
    /// <summary>The line length that the server's formatting uses, in bytes.</summary>
    public const int DefaultMaxLineBytes = 100;

    private const int IndentSize = 2;

    /// <summary>Lays out an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="maxLineBytes">Up to how many bytes a node stays on one line.</param>
    public static string Prettify(Expression expression, int maxLineBytes = DefaultMaxLineBytes)
    {
        var text = new StringBuilder();
        Append(text, expression, 0, new Width(maxLineBytes, new PrintedSizes()));
        return text.ToString();
    }

    private static void Append(StringBuilder text, Expression expression, int level, Width width)
    {
        switch (expression)
        {
            case UnaryExpression unary:
                Indent(text, level).Append(unary.Operator.ToText());
                AppendTrimmed(text, unary.Operand, level, width);
                break;
            case SubqueryExpression subquery when NeedsSplit(subquery, width):
                Append(text, subquery.Operand, level, width);
                Printer.AppendSuffix(text, subquery);
                break;
            case SubqueryExpression subquery:
                // Upstream does not indent these.
                text.Append(subquery);
                break;
            case AggregateExpression or BinaryExpression or Call or ParenthesizedExpression
                when NeedsSplit(expression, width):
                AppendSplit(text, expression, level, width);
                break;
            default:
                Indent(text, level).Append(expression);
                break;
        }
    }

    private static void AppendSplit(StringBuilder text, Expression expression, int level, Width width)
    {
        switch (expression)
        {
            case BinaryExpression binary:
                Append(text, binary.Left, level + 1, width);
                Indent(text.Append('\n'), level);
                Printer.AppendOperator(text, binary);
                Append(text.Append('\n'), binary.Right, level + 1, width);
                break;
            case AggregateExpression aggregate:
                Printer.AppendHead(Indent(text, level), aggregate);
                AppendLines(
                    text,
                    aggregate.Parameter is { } parameter ? [parameter, aggregate.Operand] : [aggregate.Operand],
                    level,
                    width);
                break;
            case Call call:
                Indent(text, level).Append(call.Function.Name);
                AppendLines(text, call.Arguments, level, width);
                break;
            case ParenthesizedExpression parenthesized:
                AppendLines(Indent(text, level), [parenthesized.Inner], level, width);
                break;
        }
    }

    private static void AppendLines(StringBuilder text, IReadOnlyList<Expression> operands, int level, Width width)
    {
        text.Append('(');
        for (var i = 0; i < operands.Count; i++)
        {
            text.Append(i == 0 ? "\n" : ",\n");
            Append(text, operands[i], level + 1, width);
        }

        if (operands.Count == 0) text.Append('\n');
        Indent(text.Append('\n'), level).Append(')');
    }

    private static void AppendTrimmed(StringBuilder text, Expression operand, int level, Width width)
    {
        var start = text.Length;
        Append(text, operand, level, width);
        var spaces = start;
        while (spaces < text.Length && char.IsWhiteSpace(text[spaces])) spaces++;
        text.Remove(start, spaces - start);
    }

    private static StringBuilder Indent(StringBuilder text, int level) => text.Append(' ', level * IndentSize);

    private static bool NeedsSplit(Expression expression, Width width) =>
        width.Sizes.Of(expression) > width.MaxLineBytes;

    private readonly record struct Width(int MaxLineBytes, PrintedSizes Sizes);
}
