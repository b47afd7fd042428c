using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>
/// A query with <c>@ time</c> on its selectors and subqueries: it must give the same result whenever it is evaluated.
/// </summary>
internal static class AtModifierVariant
{
    // Their value depends on the evaluation time whatever their arguments say.
    private static readonly HashSet<string> s_timeFunctions = new(StringComparer.Ordinal)
    {
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp", "start", "end", "range", "step",
    };

    /// <summary>The variant of a query.</summary>
    /// <param name="expression">The query.</param>
    /// <param name="timeMs">The time to pin it to.</param>
    /// <returns>Its text, or null when the query depends on the evaluation time in another way.</returns>
    public static string? Pin(Expression expression, long timeMs) =>
        DependsOnTime(expression) ? null : Rewrite(expression, timeMs).ToString();

    /// <summary>At which times the variant is evaluated, in milliseconds.</summary>
    public static IReadOnlyList<long> Times(long timeMs) =>
        timeMs == 0 ? [-1000, 0, 1000] : [-10 * timeMs, 0, timeMs / 5, timeMs, 10 * timeMs];

    // What stands inside a subquery is evaluated at the steps of the subquery, which is pinned.
    private static bool DependsOnTime(Expression expression) =>
        (expression is Call call && s_timeFunctions.Contains(call.Function.Name)) ||
        (expression is not SubqueryExpression && expression.Children.Any(DependsOnTime));

    private static Expression Rewrite(Expression expression, long timeMs) => expression switch
    {
        VectorSelector s => s.AtMs is null ? s with { AtMs = timeMs, At = AtAnchor.None } : s,
        MatrixSelector m => m with { Selector = (VectorSelector)Rewrite(m.Selector, timeMs) },
        SubqueryExpression s => s.AtMs is null ? s with { AtMs = timeMs, At = AtAnchor.None } : s,
        UnaryExpression u => u with { Operand = Rewrite(u.Operand, timeMs) },
        ParenthesizedExpression p => p with { Inner = Rewrite(p.Inner, timeMs) },
        Call c => c with { Arguments = [.. c.Arguments.Select(a => Rewrite(a, timeMs))] },
        AggregateExpression a => a with
        {
            Operand = Rewrite(a.Operand, timeMs),
            Parameter = a.Parameter is null ? null : Rewrite(a.Parameter, timeMs),
        },
        BinaryExpression b => new BinaryExpression(b.Operator, Rewrite(b.Left, timeMs), Rewrite(b.Right, timeMs),
            b.Matching ?? VectorMatching.Default, b.ReturnsBool),
        _ => expression,
    };
}
