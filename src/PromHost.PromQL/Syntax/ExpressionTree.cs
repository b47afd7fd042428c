namespace PromHost.PromQL;

/// <summary>Walks over syntax trees.</summary>
public static class ExpressionTree
{
    /// <summary>The node and all below it, each before its operands, operands in order.</summary>
    public static IEnumerable<Expression> DescendantsAndSelf(this Expression root)
    {
        var pending = new Stack<Expression>();
        pending.Push(root);
        while (pending.TryPop(out var expression))
        {
            yield return expression;
            var children = expression.Children;
            for (var i = children.Count - 1; i >= 0; i--) pending.Push(children[i]);
        }
    }

    /// <summary>All series selectors of an expression, those under ranges included, in the order of the text.</summary>
    public static IEnumerable<VectorSelector> Selectors(this Expression root) =>
        root.DescendantsAndSelf().OfType<VectorSelector>();
}
