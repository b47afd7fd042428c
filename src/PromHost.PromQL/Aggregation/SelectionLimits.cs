using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>The k of <c>topk</c>, <c>bottomk</c> and <c>limitk</c>.</summary>
internal static class SelectionLimits
{
    private const double LargestBelow2To63 = 9223372036854774784;

    /// <summary>Evaluates k at every step.</summary>
    /// <returns>Null when k is below 1 at every step.</returns>
    /// <exception cref="QueryException">k is NaN or no 64-bit integer.</exception>
    public static long[]? Evaluate(ScalarOperator parameter, StepGrid grid)
    {
        var values = ParameterValues.Evaluate(parameter, grid);
        if (values.Largest < 1) return null;
        if (values.HasNaN) throw new QueryException(QueryErrorKind.Execution, "Parameter value is NaN");
        if (values.Smallest <= long.MinValue) throw OutOfRange(values.Smallest, "underflows");
        if (values.Largest >= LargestBelow2To63) throw OutOfRange(values.Largest, "overflows");
        return Array.ConvertAll(values.Values, GoMath.ToInt64);
    }

    /// <summary>Reads an input to its end, for the errors and annotations on the way.</summary>
    public static void Drain(SeriesOperator input)
    {
        var row = new SeriesRow(input.Grid.Count);
        while (input.TryNext(row))
        {
        }
    }

    private static QueryException OutOfRange(double value, string what) =>
        new(QueryErrorKind.Execution, $"Scalar value {GoFloat.FormatGeneral(value)} {what} int64");
}
