namespace PromHost.PromQL;

/// <summary>
/// Which parts of an expression have the same value at every step and are evaluated once, by upstream's rules
/// (3.14, <c>PreprocessExpr</c>).
/// </summary>
internal sealed class StepInvariance
{
    // Their value depends on the evaluation time, or on the timestamps of their argument.
    private static readonly HashSet<string> s_timeDependent = new(StringComparer.Ordinal)
    {
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp",
    };

    private readonly Dictionary<Expression, Verdict> _verdicts = new(ReferenceEqualityComparer.Instance);

    /// <summary>What is known of a part of an expression.</summary>
    /// <param name="IsInvariant">Is its value the same at every step?</param>
    /// <param name="IsWorthIt">Is it to be evaluated once where what is around it is not? Not for literals.</param>
    public readonly record struct Verdict(bool IsInvariant, bool IsWorthIt);

    /// <summary>Judges a part of an expression.</summary>
    public Verdict Of(Expression expression)
    {
        if (!_verdicts.TryGetValue(expression, out var verdict))
        {
            verdict = Judge(expression);
            _verdicts.Add(expression, verdict);
        }

        return verdict;
    }

    private Verdict Judge(Expression expression)
    {
        switch (expression)
        {
            case VectorSelector selector:
                return Both(selector.AtMs is not null || selector.At != AtAnchor.None);
            case MatrixSelector matrix:
                return new Verdict(Of(matrix.Selector).IsInvariant, false);
            case SubqueryExpression subquery:
                return new Verdict(subquery.AtMs is not null || subquery.At != AtAnchor.None, false);
            case AggregateExpression aggregate:
                return Of(aggregate.Operand.WithoutParentheses());
            case ParenthesizedExpression parenthesized:
                return Of(parenthesized.Inner);
            case UnaryExpression unary:
                return Of(unary.Operand);
            case BinaryExpression binary:
                return Both(Of(binary.Left).IsInvariant && Of(binary.Right).IsInvariant);
            case Call call:
                return Judge(call);
            default:
                return new Verdict(true, false);
        }
    }

    private Verdict Judge(Call call)
    {
        // These are the same over the whole query: literals.
        if (QueryConstants.IsOne(call)) return new Verdict(true, false);
        if (call.Function.Name is "timestamp")
        {
            var argument = call.Arguments[0].WithoutParentheses();
            return Both(argument is VectorSelector && Of(argument).IsInvariant);
        }

        return Both(!s_timeDependent.Contains(call.Function.Name) &&
            call.Arguments.All(a => Of(a.WithoutParentheses()).IsInvariant));
    }

    private static Verdict Both(bool holds) => new(holds, holds);
}
