namespace PromHost.PromQL;

/// <summary>Makes the operators of binary operations. Each owns its inputs.</summary>
internal static class BinaryOperators
{
    /// <summary>Vector with vector: arithmetic, comparison or set operation, with matching.</summary>
    public static SeriesOperator Create(
        QueryContext context, BinaryExpression expression, SeriesOperator left, SeriesOperator right)
    {
        SeriesOperator result = expression.Operator.IsSetOperator()
            ? new SetOperator(context, expression, left, right)
            : new JoinOperator(
                context, expression, left, right, BinaryKernel.For(expression, expression.ReturnsBool));
        return SameLabelsMerge.AfterFunction(context, result);
    }

    /// <summary>Vector with scalar.</summary>
    public static SeriesOperator Create(
        QueryContext context, BinaryExpression expression, SeriesOperator left, ScalarOperator right) =>
        WithScalar(context, expression, left, right, isScalarLeft: false);

    /// <summary>Scalar with vector.</summary>
    public static SeriesOperator Create(
        QueryContext context, BinaryExpression expression, ScalarOperator left, SeriesOperator right) =>
        WithScalar(context, expression, right, left, isScalarLeft: true);

    /// <summary>Scalar with scalar.</summary>
    public static ScalarOperator Create(
        QueryContext context, BinaryExpression expression, ScalarOperator left, ScalarOperator right) =>
        new ScalarBinaryOperator(left, right, BinaryKernel.For(expression, returnsBool: true));

    private static SeriesOperator WithScalar(
        QueryContext context, BinaryExpression expression, SeriesOperator vector, ScalarOperator scalar,
        bool isScalarLeft)
    {
        var kernel = BinaryKernel.For(expression, expression.ReturnsBool);
        return SameLabelsMerge.AfterFunction(
            context, new VectorScalarOperator(context, expression, vector, scalar, isScalarLeft, kernel));
    }
}
