namespace PromHost.Tsdb;

/// <summary>A part of the data directory that could not be read, and what was done about it.</summary>
/// <param name="Path">The file or directory, below the data directory.</param>
/// <param name="StartBytes">Where the unreadable part begins; 0 when all of it is.</param>
/// <param name="Reason">What is wrong, for people.</param>
/// <param name="QuarantinedAs">Where the bytes went, below the data directory; null when there are none.</param>
internal sealed record Damage(string Path, long StartBytes, string Reason, string? QuarantinedAs);
