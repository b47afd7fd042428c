using System.Text;

namespace PromHost.PromQL;

/// <summary>
/// How many bytes the nodes of a tree take on one line. Every node is measured once, from its operands' sizes, so that
/// laying out a long chain of operators does not print it anew for each of them.
/// </summary>
internal sealed class PrintedSizes
{
    private readonly Dictionary<Expression, int> _sizes = new(ReferenceEqualityComparer.Instance);

    /// <summary>The size of a node in bytes.</summary>
    public int Of(Expression expression)
    {
        if (_sizes.TryGetValue(expression, out var size)) return size;
        size = expression switch
        {
            BinaryExpression binary => Of(binary.Left) + Of(binary.Right) + 2 +
                SizeOf(text => Printer.AppendOperator(text, binary)),
            ParenthesizedExpression parenthesized => Of(parenthesized.Inner) + 2,
            UnaryExpression unary => Of(unary.Operand) + 1,
            Call call => call.Function.Name.Length + OfList(call.Arguments),
            AggregateExpression aggregate => OfList(aggregate.Children) +
                SizeOf(text => Printer.AppendHead(text, aggregate)),
            SubqueryExpression subquery => Of(subquery.Operand) +
                SizeOf(text => Printer.AppendSuffix(text, subquery)),
            _ => Encoding.UTF8.GetByteCount(Printer.Print(expression)),
        };
        _sizes.Add(expression, size);
        return size;
    }

    private static int SizeOf(Action<StringBuilder> append)
    {
        var text = new StringBuilder();
        append(text);
        return Encoding.UTF8.GetByteCount(text.ToString());
    }

    // In parentheses, with a comma and a space between the operands.
    private int OfList(IReadOnlyList<Expression> operands)
    {
        var size = 2 + (2 * Math.Max(0, operands.Count - 1));
        foreach (var operand in operands) size += Of(operand);
        return size;
    }
}
