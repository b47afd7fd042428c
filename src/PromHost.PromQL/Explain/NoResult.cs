namespace PromHost.PromQL;

/// <summary>Stands for the value of a query that was planned only.</summary>
/// <param name="PlannedType">What its value would be.</param>
public sealed record NoResult(ValueType PlannedType) : QueryValue(PlannedType);
