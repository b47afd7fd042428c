namespace PromHost.PromQL;

/// <summary>The answer of a query. Immutable.</summary>
/// <param name="Value">The value: <see cref="ScalarResult"/>, <see cref="StringResult"/>, <see cref="VectorResult"/> or
/// <see cref="MatrixResult"/>.</param>
/// <param name="Warnings">Whole texts: <c>PromQL warning: … (1:5)</c>.</param>
/// <param name="Infos">Whole texts: <c>PromQL info: … (1:5)</c>.</param>
/// <param name="Statistics">What it took.</param>
public sealed record QueryResult(
    QueryValue Value,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Infos,
    QueryStatistics Statistics);
