namespace PromHost.PromQL;

/// <summary>Ways through an expression.</summary>
internal static class ExpressionNavigation
{
    /// <summary>The expression inside of all parentheses around it.</summary>
    public static Expression WithoutParentheses(this Expression expression)
    {
        while (expression is ParenthesizedExpression parenthesized) expression = parenthesized.Inner;
        return expression;
    }
}
