namespace PromHost.PromQL;

/// <summary>Makes the operators of functions on instant vectors and scalars.</summary>
internal static class InstantFunctions
{
    /// <summary>Makes the operator of a call whose value is a vector, or null.</summary>
    public static SeriesOperator? TryCreate(
        QueryContext context, StepGrid grid, Call call, IReadOnlyList<OperatorArgument> arguments) => null;

    /// <summary>Makes the operator of a call whose value is a scalar, or null.</summary>
    public static ScalarOperator? TryCreateScalar(
        QueryContext context, StepGrid grid, Call call, IReadOnlyList<OperatorArgument> arguments) => null;
}
