namespace PromHost.Tsdb;

/// <summary>Directories of blocks that a crash left half written or half deleted, by Prometheus's names.</summary>
internal static class UnfinishedBlocks
{
    /// <summary>Ends the name of a block that is being deleted.</summary>
    public const string DeletionSuffix = ".tmp-for-deletion";

    // The last one is that of old versions of Prometheus.
    private static readonly string[] Suffixes = [BlockWriter.TemporarySuffix, DeletionSuffix, ".tmp"];

    /// <summary>
    /// Removes them; to be called under the lock, before anything is written. Returns the names removed.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="folder">The directory of the blocks below it.</param>
    public static IReadOnlyList<string> Remove(IDataDirectory directory, string folder = "")
    {
        var removed = new List<string>();
        foreach (var name in directory.List(folder))
        {
            if (!IsUnfinished(name)) continue;
            directory.Delete(folder.Length == 0 ? name : $"{folder}/{name}");
            removed.Add(name);
        }

        if (removed.Count > 0) directory.SyncDirectory(folder);
        return removed;
    }

    private static bool IsUnfinished(string name) =>
        name.Length > Ulid.TextLength && Ulid.TryParse(name.AsSpan(0, Ulid.TextLength), out _) &&
        Suffixes.Contains(name[Ulid.TextLength..], StringComparer.Ordinal);
}
