namespace PromHost.Storage;

/// <summary>Names a series inside one storage: dense, below 2^40, never reused. 0 names none.</summary>
/// <param name="Value">The number.</param>
public readonly record struct SeriesRef(ulong Value);
