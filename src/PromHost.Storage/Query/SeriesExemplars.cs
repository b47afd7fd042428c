using PromHost.Model;

namespace PromHost.Storage;

/// <summary>The exemplars of a series.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Exemplars">Its exemplars, ascending by time; at least one.</param>
public readonly record struct SeriesExemplars(Labels Labels, IReadOnlyList<Exemplar> Exemplars);
