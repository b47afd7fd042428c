namespace PromHost.Storage;

/// <summary>What keeps a storage from working as it should.</summary>
/// <param name="WritesRefused">Why no writes are taken at present, for people; null when they are.</param>
/// <param name="DamageCounts">
/// How many damages were found since the start, by kind of file; kinds without any too.
/// </param>
/// <param name="Damages">The newest damages, at most some hundred, oldest first.</param>
public sealed record StorageHealth(
    string? WritesRefused, IReadOnlyList<NamedCount> DamageCounts, IReadOnlyList<StorageDamage> Damages);
