namespace PromHost.Tsdb;

/// <summary>A number of the log that belongs to a series with another one: it came and went.</summary>
/// <param name="OtherRef">The number.</param>
/// <param name="Series">The series.</param>
/// <param name="WalRef">The number that the series is logged with.</param>
internal readonly record struct OtherSeriesRef(ulong OtherRef, int Series, ulong WalRef);
