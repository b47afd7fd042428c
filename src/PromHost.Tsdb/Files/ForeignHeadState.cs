namespace PromHost.Tsdb;

/// <summary>
/// Shortcuts to the head that Prometheus leaves beside the WAL: <c>wal/series_state.json</c> and
/// <c>chunk_snapshot.*</c>. The WAL is complete without them; once we append they are out of date and would make a
/// Prometheus that comes back hand out series refs a second time.
/// </summary>
internal static class ForeignHeadState
{
    private const string SeriesState = "wal/series_state.json";
    private const string SnapshotPrefix = "chunk_snapshot.";

    /// <summary>Removes them; to be called under the lock, before the first write. Returns the paths removed.</summary>
    public static IReadOnlyList<string> Remove(IDataDirectory directory)
    {
        var removed = new List<string>();
        foreach (var name in directory.List(""))
        {
            if (name.StartsWith(SnapshotPrefix, StringComparison.Ordinal))
                removed.Add(name);
        }

        if (directory.FileExists(SeriesState))
            removed.Add(SeriesState);
        foreach (var path in removed)
            directory.Delete(path);
        if (removed.Count > 0)
            directory.SyncDirectory("");
        if (removed.Contains(SeriesState))
            directory.SyncDirectory("wal");
        return removed;
    }
}
