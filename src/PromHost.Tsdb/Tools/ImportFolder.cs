namespace PromHost.Tsdb;

/// <summary>
/// The folder below <c>promhost/</c> where an import writes its blocks. A file beside it, <c>import-ID.lock</c>, is
/// locked while the import runs: a server that starts meanwhile tells the folder from one that a killed import left.
/// </summary>
internal sealed class ImportFolder : IDisposable
{
    private const string Parent = "promhost";
    private const string Prefix = "import-";
    private const string LockSuffix = ".lock";

    private readonly IDataDirectory _directory;
    private readonly IDisposable _lock;
    private bool _isRemoved;

    private ImportFolder(IDataDirectory directory, string path, IDisposable held)
    {
        _directory = directory;
        Path = path;
        _lock = held;
    }

    /// <summary>Its path below the data directory; made by whoever writes to it.</summary>
    public string Path { get; }

    /// <summary>Takes a new one.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="takeLock">Makes a file, by its path below the data directory, and locks it.</param>
    /// <exception cref="IOException">The data directory cannot be written to.</exception>
    public static ImportFolder Create(IDataDirectory directory, Func<string, IDisposable> takeLock)
    {
        var path = $"{Parent}/{Prefix}{Ulid.Create(TimeProvider.System, Random.Shared)}";
        directory.CreateDirectory(Parent);
        return new ImportFolder(directory, path, takeLock(path + LockSuffix));
    }

    /// <summary>The folders of imports, which may still run, below the data directory.</summary>
    public static IReadOnlyList<string> List(IDataDirectory directory) =>
    [
        .. directory.List(Parent).Where(IsOurs).Select(WithoutSuffix).Distinct(StringComparer.Ordinal)
            .Select(name => $"{Parent}/{name}"),
    ];

    /// <summary>What there is of an import that does not run any more; nothing as long as it runs.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">Nobody can say whether it runs.</exception>
    public static IReadOnlyList<string> FindAbandoned(IDataDirectory directory, string path)
    {
        if (LockedFile.IsHeld(LockPath(directory, path))) return [];
        var name = path[(Parent.Length + 1)..];
        // The lock last: without it a folder is abandoned as well.
        return
        [
            .. directory.List(Parent).Where(other => other == name || other == name + LockSuffix)
                .Order(StringComparer.Ordinal).Select(other => $"{Parent}/{other}"),
        ];
    }

    /// <summary>Deletes the folder with what is in it.</summary>
    public void Dispose()
    {
        if (_isRemoved) return;
        _directory.Delete(Path);
        _directory.Delete(Path + LockSuffix);
        _lock.Dispose();
        _isRemoved = true;
        if (_directory.List(Parent).Count == 0) _directory.Delete(Parent);
    }

    private static bool IsOurs(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) &&
        Ulid.TryParse(WithoutSuffix(name).AsSpan(Prefix.Length), out _);

    private static string WithoutSuffix(string name) =>
        name.EndsWith(LockSuffix, StringComparison.Ordinal) ? name[..^LockSuffix.Length] : name;

    private static string LockPath(IDataDirectory directory, string path) =>
        System.IO.Path.Join(directory.RootPath, path + LockSuffix);
}
