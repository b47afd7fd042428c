using PromHost.Model;

namespace PromHost.Storage;

/// <summary>What the caller of <see cref="IQuerier.Select"/> will read.</summary>
/// <param name="StartMs">First timestamp that will be read, inclusive.</param>
/// <param name="EndMs">Last timestamp that will be read, inclusive.</param>
/// <param name="StepMs">Distance of the evaluation steps, 0 for an instant query.</param>
/// <param name="RangeMs">Length of the range selector, 0 for an instant selector.</param>
/// <param name="Function">The function or aggregation right around the selector, or null.</param>
/// <param name="Grouping">The labels that the aggregation around it keeps or drops, or null.</param>
/// <param name="By">True: <paramref name="Grouping"/> are kept; false: dropped.</param>
/// <param name="SortedByLabels">Must the series come in the order of their labels?</param>
/// <param name="WithoutLabels">Does nobody look at the series' labels? Then they may be empty.</param>
public readonly record struct SelectHints(
    long StartMs,
    long EndMs,
    long StepMs = 0,
    long RangeMs = 0,
    string? Function = null,
    LabelNameSet? Grouping = null,
    bool By = false,
    bool SortedByLabels = false,
    bool WithoutLabels = false)
{
    /// <summary>When to give up, and where to tell what was done; null when nobody cares.</summary>
    public ReadWatch? Watch { get; init; }
}
