namespace PromHost.Tsdb;

/// <summary>Chunk files that the head has given up, with numbers one after the other.</summary>
internal sealed class RetiredChunkFiles(
    IDataDirectory directory, string path, int firstNumber, IReadOnlyList<MappedFile> maps)
{
    private int _deleted;

    /// <summary>
    /// Unmaps and deletes them, the oldest first, so that no hole appears among those that are left. Nobody reads them
    /// any more. After an error it may be called again.
    /// </summary>
    /// <exception cref="IOException">A file could not be deleted.</exception>
    public void Delete()
    {
        foreach (var map in maps) map.Dispose();
        for (; _deleted < maps.Count; _deleted++)
            directory.Delete(HeadChunkFormat.PathOf(firstNumber + _deleted, path));
        directory.SyncDirectory(path);
    }
}
