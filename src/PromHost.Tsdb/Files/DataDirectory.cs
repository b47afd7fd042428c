namespace PromHost.Tsdb;

/// <summary>The real data directory on disk.</summary>
internal sealed class DataDirectory : IDataDirectory
{
    /// <summary>Makes sure that the root exists.</summary>
    public DataDirectory(string rootPath)
    {
        RootPath = Path.GetFullPath(rootPath);
        if (Directory.Exists(RootPath))
            return;
        Directory.CreateDirectory(RootPath);
        if (Path.GetDirectoryName(RootPath) is { } above)
            UnixFileCalls.SyncDirectory(above);
    }

    /// <inheritdoc/>
    public string RootPath { get; }

    /// <inheritdoc/>
    public (long FreeBytes, long TotalBytes) Space
    {
        get
        {
            var drive = new DriveInfo(RootPath);
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
    }

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(FullPath(path));

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            return [.. new DirectoryInfo(FullPath(directory)).EnumerateFileSystemInfos().Select(entry => entry.Name)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        var full = FullPath(path);
        if (Directory.Exists(full))
            return;
        var above = path.LastIndexOf('/');
        if (above > 0)
            CreateDirectory(path[..above]);
        Guard(path, full, static (full, _) => Directory.CreateDirectory(full));
        SyncDirectory(above > 0 ? path[..above] : "");
    }

    /// <inheritdoc/>
    public IDataFile OpenRead(string path) => new DataFile(FullPath(path), FileMode.Open, FileAccess.Read);

    /// <inheritdoc/>
    public IDataFile OpenWrite(string path) => new DataFile(FullPath(path), FileMode.Open, FileAccess.ReadWrite);

    /// <inheritdoc/>
    public IDataFile Create(string path) => new DataFile(FullPath(path), FileMode.CreateNew, FileAccess.ReadWrite);

    /// <inheritdoc/>
    public MappedFile Map(string path, long lengthBytes)
    {
        using var handle = File.OpenHandle(
            FullPath(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new MappedFile(handle, lengthBytes);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        var source = FullPath(from);
        if (Directory.Exists(source))
            Directory.Move(source, FullPath(to));
        else
            Guard(to, (source, FullPath(to)), static (at, _) => File.Move(at.Item1, at.Item2, overwrite: true));
    }

    /// <inheritdoc/>
    public void Link(string existing, string added)
    {
        if (!UnixFileCalls.TryLink(FullPath(existing), FullPath(added)))
            Guard(added, (FullPath(existing), FullPath(added)), static (at, _) => File.Copy(at.Item1, at.Item2));
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        var full = FullPath(path);
        if (Directory.Exists(full))
            Directory.Delete(full, recursive: true);
        else if (File.Exists(full))
            File.Delete(full);
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path) => UnixFileCalls.SyncDirectory(FullPath(path));

    private static void Guard<TState>(string path, TState state, Action<TState, string> action)
    {
        try
        {
            action(state, path);
        }
        catch (IOException error) when (DataFile.IsDiskFull(error))
        {
            throw new DiskFullException(path, error);
        }
    }

    private string FullPath(string path) => Path.Join(RootPath, path);
}
