using System.Text;

namespace PromHost.PromQL;

/// <summary>Makes the operators of aggregations.</summary>
internal static class AggregationOperators
{
    /// <summary>Are the rows of a group folded into one, whatever series they are of?</summary>
    public static bool Folds(Aggregation aggregation) => aggregation is Aggregation.Sum or Aggregation.Avg or
        Aggregation.Count or Aggregation.Min or Aggregation.Max or Aggregation.Group or Aggregation.StdDev or
        Aggregation.StdVar;

    /// <summary>Makes the operator of an aggregation.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="expression">The aggregation.</param>
    /// <param name="input">The vector; owned by the result from now on.</param>
    /// <param name="parameter">The parameter, if it is a scalar; owned by the result from now on.</param>
    /// <param name="textParameter">The parameter of <c>count_values</c>.</param>
    /// <exception cref="QueryException">The parameter is wrong.</exception>
    public static SeriesOperator Create(
        QueryContext context,
        AggregateExpression expression,
        SeriesOperator input,
        ScalarOperator? parameter,
        string? textParameter)
    {
        var steps = input.Grid.Count;
        return expression.Aggregation switch
        {
            Aggregation.Sum => Fold(new SumAccumulator(steps)),
            Aggregation.Avg => Fold(new AverageAccumulator(steps)),
            Aggregation.Count => Fold(new CountAccumulator(steps)),
            Aggregation.Min => Fold(new ExtremumAccumulator<SmallerWins>(steps)),
            Aggregation.Max => Fold(new ExtremumAccumulator<LargerWins>(steps)),
            Aggregation.Group => Fold(new PresenceAccumulator(steps)),
            Aggregation.StdDev => Fold(new VarianceAccumulator(steps, isDeviation: true)),
            Aggregation.StdVar => Fold(new VarianceAccumulator(steps, isDeviation: false)),
            Aggregation.Quantile => new QuantileOperator(context, expression, input, parameter!),
            Aggregation.TopK => new RankOperator<SmallestFirst>(context, expression, input, parameter!),
            Aggregation.BottomK => new RankOperator<LargestFirst>(context, expression, input, parameter!),
            Aggregation.LimitK => new LimitOperator(context, expression, input, parameter!),
            Aggregation.LimitRatio => new LimitRatioOperator(context, expression, input, parameter!),
            _ => SameLabelsMerge.AfterFunction(
                context, new CountValuesOperator(context, expression, input, ValueLabel())),
        };

        // The literal's bytes, which need not be valid UTF-8.
        byte[] ValueLabel() => expression.Parameter?.WithoutParentheses() is StringLiteral literal
            ? literal.Utf8Value.ToArray()
            : Encoding.UTF8.GetBytes(textParameter!);

        FoldOperator Fold(GroupAccumulator accumulator) => new(context, expression, input, accumulator);
    }
}
