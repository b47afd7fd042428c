using PromHost.Model;

namespace PromHost.Storage;

/// <summary>A series as a <see cref="SeriesSet"/> hands it out.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Source">Belongs to the set that made the entry.</param>
/// <param name="Handle">Belongs to the set that made the entry.</param>
public readonly record struct SeriesEntry(Labels Labels, object? Source, long Handle);
