namespace PromHost.Storage;

/// <summary>What a part of the storage's memory is used for.</summary>
/// <param name="Name">The purpose, in camel case.</param>
/// <param name="Bytes">How much it is.</param>
/// <param name="IsManaged">Does it lie in the garbage collector's heap, so that it is counted there too?</param>
public readonly record struct MemoryUse(string Name, long Bytes, bool IsManaged);
