namespace PromHost.PromQL;

/// <summary>An operator of a query's plan, with those that it reads from. Immutable.</summary>
/// <param name="Operator">What it is called in the engine.</param>
/// <param name="Expression">The part of the query that it evaluates, as written.</param>
/// <param name="Position">Where that stands, in bytes of the query's UTF-8 form.</param>
/// <param name="Place">The same as line and column, <c>1:5</c>.</param>
/// <param name="Steps">At how many times it is evaluated.</param>
/// <param name="Details">What there is to say of the way it is evaluated.</param>
/// <param name="Estimated">What was expected of it.</param>
/// <param name="Actual">What it did; null when it was not evaluated.</param>
/// <param name="Children">What it reads from.</param>
public sealed record PlanExplanation(
    string Operator,
    string Expression,
    PositionRange Position,
    string Place,
    int Steps,
    IReadOnlyList<string> Details,
    PlanEstimate Estimated,
    PlanMeasurement? Actual,
    IReadOnlyList<PlanExplanation> Children);
