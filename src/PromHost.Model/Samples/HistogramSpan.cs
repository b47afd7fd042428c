namespace PromHost.Model;

/// <summary>A run of neighbouring buckets of a native histogram.</summary>
/// <param name="Offset">Gap to the span before, in buckets; of the first span its first index.</param>
/// <param name="Length">Number of buckets.</param>
public readonly record struct HistogramSpan(int Offset, uint Length);
