namespace PromHost.PromQL;

/// <summary>Makes the operators of signs.</summary>
internal static class UnaryOperators
{
    /// <summary>A sign before a vector.</summary>
    public static SeriesOperator Create(QueryContext context, UnaryExpression expression, SeriesOperator input)
    {
        if (expression.Operator == UnaryOperator.Plus) return input;
        var negated = new MapOperator<Negation>(context, input);
        return context.Features.DelayedNameRemoval ? negated : SameLabelsMerge.AfterRelabeling(context, negated);
    }

    /// <summary>A sign before a scalar.</summary>
    public static ScalarOperator Create(QueryContext context, UnaryExpression expression, ScalarOperator input)
    {
        _ = context;
        return expression.Operator == UnaryOperator.Plus ? input : new ScalarMapOperator<Negation>(input);
    }
}
