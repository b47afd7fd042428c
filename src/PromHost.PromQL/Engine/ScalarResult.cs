namespace PromHost.PromQL;

/// <summary>A number at a time.</summary>
/// <param name="TimestampMs">The evaluation time, milliseconds since the Unix epoch.</param>
/// <param name="Value">The number.</param>
public sealed record ScalarResult(long TimestampMs, double Value) : QueryValue(ValueType.Scalar);
