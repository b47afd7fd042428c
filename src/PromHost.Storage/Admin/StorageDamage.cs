namespace PromHost.Storage;

/// <summary>A part of the storage's files that could not be read, and what was done about it.</summary>
/// <param name="Kind">The kind of file, as in <see cref="StorageHealth.DamageCounts"/>.</param>
/// <param name="Path">The file or directory, below the data directory.</param>
/// <param name="OffsetBytes">Where the unreadable part begins; 0 when all of it is.</param>
/// <param name="Reason">What is wrong, and what was done where that is more than quarantine, for people.</param>
/// <param name="FoundAt">When it was found.</param>
/// <param name="QuarantinedAs">Where the bytes went, below the data directory; null when there are none.</param>
public sealed record StorageDamage(
    string Kind, string Path, long OffsetBytes, string Reason, DateTimeOffset FoundAt, string? QuarantinedAs);
