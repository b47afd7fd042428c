using Microsoft.Win32.SafeHandles;

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

    private readonly DataDirectory _directory;
    private readonly SafeFileHandle _lock;

    private ImportFolder(DataDirectory directory, string path, SafeFileHandle held)
    {
        _directory = directory;
        Path = path;
        _lock = held;
    }

    /// <summary>Its path below the data directory; made by whoever writes to it.</summary>
    public string Path { get; }

    /// <summary>Takes a new one.</summary>
    /// <exception cref="IOException">The data directory cannot be written to.</exception>
    public static ImportFolder Create(DataDirectory directory)
    {
        var path = $"{Parent}/{Prefix}{Ulid.Create(TimeProvider.System, Random.Shared)}";
        directory.CreateDirectory(Parent);
        var held = File.OpenHandle(
            LockPath(directory, path), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        return new ImportFolder(directory, path, held);
    }

    /// <summary>The folders and locks of imports that do not run any more.</summary>
    public static IReadOnlyList<string> FindAbandoned(IDataDirectory directory)
    {
        var names = directory.List(Parent).Where(IsOurs).ToList();
        return
        [
            .. names.GroupBy(WithoutSuffix, StringComparer.Ordinal)
                .Where(import => !IsHeld(directory, $"{Parent}/{import.Key}"))
                // The lock last: without it a folder is abandoned as well.
                .SelectMany(import => import.Order(StringComparer.Ordinal).Select(name => $"{Parent}/{name}")),
        ];
    }

    /// <summary>Deletes the folder with what is in it.</summary>
    public void Dispose()
    {
        if (_lock.IsClosed) return;
        _directory.Delete(Path);
        _directory.Delete(Path + LockSuffix);
        _lock.Dispose();
        if (_directory.List(Parent).Count == 0) _directory.Delete(Parent);
    }

    private static bool IsOurs(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) &&
        Ulid.TryParse(WithoutSuffix(name).AsSpan(Prefix.Length), out _);

    private static string WithoutSuffix(string name) =>
        name.EndsWith(LockSuffix, StringComparison.Ordinal) ? name[..^LockSuffix.Length] : name;

    private static bool IsHeld(IDataDirectory directory, string path)
    {
        var file = LockPath(directory, path);
        if (!File.Exists(file)) return false;
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static string LockPath(IDataDirectory directory, string path) =>
        System.IO.Path.Join(directory.RootPath, path + LockSuffix);
}
