namespace PromHost.Model;

/// <summary>A bucket of a native histogram.</summary>
/// <param name="Lower">Lower bound.</param>
/// <param name="Upper">Upper bound.</param>
/// <param name="IsLowerClosed">Does the lower bound belong to it?</param>
/// <param name="IsUpperClosed">Does the upper bound belong to it?</param>
/// <param name="Count">Observations in it.</param>
/// <param name="Ordinal">Its place in <see cref="NativeHistogram.ExactCounts"/>.</param>
public readonly record struct HistogramBucket(
    double Lower, double Upper, bool IsLowerClosed, bool IsUpperClosed, double Count, int Ordinal);
