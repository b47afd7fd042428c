namespace PromHost.Storage;

/// <summary>A name and how much of it there is.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Value">The count, or bytes.</param>
public readonly record struct NamedCount(string Name, long Value);
