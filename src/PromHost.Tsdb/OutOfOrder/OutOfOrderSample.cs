namespace PromHost.Tsdb;

/// <summary>A sample that came out of order and is in no chunk yet.</summary>
/// <param name="TimestampMs">Milliseconds since the Unix epoch.</param>
/// <param name="Value">The value.</param>
internal readonly record struct OutOfOrderSample(long TimestampMs, double Value);
