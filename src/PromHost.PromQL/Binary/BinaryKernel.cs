// Hot path: one call per row of every binary operation.
namespace PromHost.PromQL;

/// <summary>A binary operation on whole rows of floats. Stateless; safe to share.</summary>
internal abstract class BinaryKernel
{
    /// <summary>
    /// False for a comparison that filters: it takes points away and leaves the values of the result alone.
    /// </summary>
    public virtual bool WritesValues => true;

    /// <summary>Works on every step.</summary>
    /// <param name="left">A value per step; those without a point may be anything.</param>
    /// <param name="right">A value per step; those without a point may be anything.</param>
    /// <param name="result">Receives a value per step; may be one of the operands.</param>
    /// <param name="presence">Where both sides have a point; afterwards where the result has one.</param>
    public abstract void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence);

    /// <summary>The kernel of an operator.</summary>
    /// <param name="expression">The operation; set operators have no kernel.</param>
    /// <param name="returnsBool">Do comparisons give 0 and 1?</param>
    public static BinaryKernel For(BinaryExpression expression, bool returnsBool) =>
        expression.Operator switch
        {
            BinaryOperator.Add => new VectorArithmeticKernel<Addition>(),
            BinaryOperator.Subtract => new VectorArithmeticKernel<Subtraction>(),
            BinaryOperator.Multiply => new VectorArithmeticKernel<Multiplication>(),
            BinaryOperator.Divide => new VectorArithmeticKernel<Division>(),
            BinaryOperator.Modulo => new ArithmeticKernel<Remainder>(),
            BinaryOperator.Power => new ArithmeticKernel<Power>(),
            BinaryOperator.Atan2 => new ArithmeticKernel<ArcTangent>(),
            BinaryOperator.Equal => Comparison<IsEqual>(returnsBool),
            BinaryOperator.NotEqual => Comparison<IsNotEqual>(returnsBool),
            BinaryOperator.Greater => Comparison<IsGreater>(returnsBool),
            BinaryOperator.Less => Comparison<IsLess>(returnsBool),
            BinaryOperator.GreaterOrEqual => Comparison<IsGreaterOrEqual>(returnsBool),
            BinaryOperator.LessOrEqual => Comparison<IsLessOrEqual>(returnsBool),
            _ => new NoFloatKernel(),
        };

    private static BinaryKernel Comparison<TComparison>(bool returnsBool)
        where TComparison : struct, IComparison =>
        returnsBool ? new BoolKernel<TComparison>() : new FilterKernel<TComparison>();
}
