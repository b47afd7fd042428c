namespace PromHost.PromQL;

/// <summary>Series with their points, ordered by their labels.</summary>
/// <param name="Series">The series; none is without points.</param>
public sealed record MatrixResult(IReadOnlyList<MatrixSeries> Series) : QueryValue(ValueType.Matrix);
