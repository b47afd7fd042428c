using System.Globalization;

namespace PromHost.PromQL;

/// <summary>Computes duration expressions from the query's range and step.</summary>
/// <param name="constants">The query's range and step.</param>
internal sealed class DurationEvaluation(QueryConstants constants)
{
    /// <summary>A range or a step: must be greater than zero.</summary>
    /// <param name="literalMs">The value when it was written as a literal.</param>
    /// <param name="expression">The expression, or null.</param>
    public long Length(long literalMs, DurationExpression? expression) =>
        expression is null ? literalMs : Compute(expression, mayBeNegative: false);

    /// <summary>An offset.</summary>
    /// <param name="literalMs">The value when it was written as a literal.</param>
    /// <param name="expression">The expression, or null.</param>
    public long Offset(long literalMs, DurationExpression? expression) =>
        expression is null ? literalMs : Compute(expression, mayBeNegative: true);

    private long Compute(DurationExpression expression, bool mayBeNegative)
    {
        var seconds = Evaluate(expression);
        if (!double.IsFinite(seconds)) throw Failure(expression, "duration is NaN or infinite");
        if (seconds <= 0 && !mayBeNegative) throw Failure(expression, "duration must be greater than 0");
        // Upstream counts nanoseconds in 64 bits.
        if (Math.Abs(seconds) > 9223372036.854775807) throw Failure(expression, "duration is out of range");
        return (long)(seconds * 1000);
    }

    private double Evaluate(Expression? expression) => expression switch
    {
        null => 0,
        NumberLiteral number => number.Value,
        DurationExpression duration => Evaluate(duration),
        _ => throw new InvalidOperationException("a duration is made of numbers and durations"),
    };

    private double Evaluate(DurationExpression duration)
    {
        var left = Evaluate(duration.Left);
        var right = Evaluate(duration.Right);
        switch (duration.Operator)
        {
            case DurationOperator.Step: return GoDuration.Seconds(constants.StepMs);
            case DurationOperator.Range: return GoDuration.Seconds(constants.EndMs - constants.StartMs);
            case DurationOperator.MinOf: return Math.Min(left, right);
            case DurationOperator.MaxOf: return Math.Max(left, right);
            case DurationOperator.Add: return duration.Left is null ? right : left + right;
            case DurationOperator.Subtract: return duration.Left is null ? -right : left - right;
            case DurationOperator.Multiply: return left * right;
            case DurationOperator.Divide:
                return right == 0 ? throw Failure(duration, "division by zero") : left / right;
            case DurationOperator.Modulo:
                return right == 0 ? throw Failure(duration, "modulo by zero") : left % right;
            default: return Math.Pow(left, right);
        }
    }

    private static QueryException Failure(DurationExpression expression, string text) =>
        new(QueryErrorKind.BadData, string.Create(CultureInfo.InvariantCulture,
            $"{expression.Position.Start}:{expression.Position.End}: {text}"));
}
