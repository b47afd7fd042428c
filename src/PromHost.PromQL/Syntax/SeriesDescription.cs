using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A series in the notation of test scripts: its labels and its values, repetitions expanded.</summary>
/// <param name="Labels">The labels, <c>__name__</c> included.</param>
/// <param name="Values">One value per step from the first on.</param>
public sealed record SeriesDescription(Labels Labels, IReadOnlyList<SequenceValue> Values);
