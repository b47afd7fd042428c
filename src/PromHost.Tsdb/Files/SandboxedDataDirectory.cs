using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>
/// A data directory that can be read and, as it seems, changed, while nothing in it changes: what is written goes to a
/// sandbox elsewhere, what is deleted, renamed or cut only looks so. For tools that read a directory as a start of the
/// server would leave it, beside a running server too. Thread-safe.
/// </summary>
/// <remarks>
/// The sandbox is made when it is needed, and removed with all that is in it by <see cref="Dispose"/>. The lock is not
/// taken, so files of the original may vanish at any time.
/// </remarks>
internal sealed class SandboxedDataDirectory : IDataDirectory, IDisposable
{
    private readonly IDataDirectory _original;
    private readonly string _sandboxRoot;
    private readonly Lock _lock = new();

    // Files that are not what the original says; null: gone.
    private readonly Dictionary<string, Place?> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _createdDirectories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removedDirectories = new(StringComparer.Ordinal);
    private DataDirectory? _sandbox;
    private int _created;

    /// <summary>Shows a directory.</summary>
    /// <param name="original">The directory; nothing of it is changed.</param>
    /// <param name="sandboxRoot">Where the sandbox is made; null: among the temporary files of the system.</param>
    public SandboxedDataDirectory(IDataDirectory original, string? sandboxRoot)
    {
        _original = original;
        _sandboxRoot = sandboxRoot ?? Path.GetTempPath();
    }

    /// <inheritdoc/>
    public string RootPath => _original.RootPath;

    /// <inheritdoc/>
    public (long FreeBytes, long TotalBytes) Space => Sandbox().Space;

    /// <inheritdoc/>
    public bool FileExists(string path) => Find(path) is { } place && place.Owner.FileExists(place.Path);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var prefix = directory.Length > 0 ? directory + "/" : "";
            if (!IsRemoved(directory))
            {
                names.UnionWith(_original.List(directory));
                names.RemoveWhere(name => _removedDirectories.Contains(prefix + name) ||
                    (_files.TryGetValue(prefix + name, out var place) && place is null));
            }

            foreach (var path in _files.Where(file => file.Value is not null).Select(file => file.Key)
                .Concat(_createdDirectories))
            {
                if (path.Length <= prefix.Length || !path.StartsWith(prefix, StringComparison.Ordinal)) continue;
                var end = path.IndexOf('/', prefix.Length);
                names.Add(end < 0 ? path[prefix.Length..] : path[prefix.Length..end]);
            }

            return [.. names];
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        lock (_lock) _createdDirectories.Add(path);
    }

    /// <inheritdoc/>
    public IDataFile OpenRead(string path)
    {
        var place = FindOrThrow(path);
        var file = place.Owner.OpenRead(place.Path);
        return place.LimitBytes == long.MaxValue ? file : new SandboxedFile(this, path, file, place.LimitBytes);
    }

    /// <inheritdoc/>
    public IDataFile OpenWrite(string path)
    {
        var place = FindOrThrow(path);
        return ReferenceEquals(place.Owner, _original)
            ? new SandboxedFile(this, path, place.Owner.OpenRead(place.Path), place.LimitBytes)
            : place.Owner.OpenWrite(place.Path);
    }

    /// <inheritdoc/>
    public IDataFile Create(string path)
    {
        if (FileExists(path)) throw new IOException($"{path} exists");
        lock (_lock)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{++_created}");
            var file = Sandbox().Create(name);
            _files[path] = new Place(_sandbox!, name);
            return file;
        }
    }

    /// <inheritdoc/>
    public MappedFile Map(string path, long lengthBytes)
    {
        var place = FindOrThrow(path);
        return place.Owner.Map(place.Path, Math.Min(lengthBytes, place.LimitBytes));
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            foreach (var path in FilesOf(from))
            {
                _files[to + path[from.Length..]] = FindOrThrow(path);
                _files[path] = null;
            }

            Forget(from);
        }
    }

    /// <inheritdoc/>
    public void Link(string existing, string added)
    {
        lock (_lock) _files[added] = FindOrThrow(existing);
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_lock)
        {
            foreach (var file in FilesOf(path)) _files[file] = null;
            Forget(path);
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
    }

    /// <summary>
    /// Copies a file to the sandbox, holes as holes. A file that its owner may still make shorter must not be mapped.
    /// </summary>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    public void CopyIn(string path)
    {
        using var file = OpenRead(path);
        using var copy = CopyOf(path, file, file.Length);
    }

    /// <summary>Removes the sandbox; what was opened and mapped is closed before.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_sandbox is null) return;
            Directory.Delete(_sandbox.RootPath, recursive: true);
            _sandbox = null;
        }
    }

    /// <summary>Makes a file of the original look shorter.</summary>
    internal void Limit(string path, long lengthBytes)
    {
        lock (_lock) _files[path] = FindOrThrow(path) with { LimitBytes = lengthBytes };
    }

    /// <summary>Copies the beginning of a file to the sandbox; from now on the copy stands for it.</summary>
    internal IDataFile CopyOf(string path, IDataFile file, long lengthBytes)
    {
        lock (_lock)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{++_created}");
            var copy = Sandbox().Create(name);
            var buffer = new byte[64 * 1024];
            for (var offset = 0L; offset < lengthBytes;)
            {
                var wanted = (int)Math.Min(buffer.Length, lengthBytes - offset);
                var count = file.ReadFully(buffer.AsSpan(0, wanted), offset);
                if (count == 0) break;
                var bytes = buffer.AsSpan(0, count);
                if (bytes.ContainsAnyExcept((byte)0)) copy.Write(bytes, offset);
                offset += count;
            }

            copy.SetLength(lengthBytes);
            _files[path] = new Place(_sandbox!, name);
            return copy;
        }
    }

    private DataDirectory Sandbox()
    {
        lock (_lock)
        {
            if (_sandbox is not null) return _sandbox;
            var name = $"promhost-sandbox-{Path.GetRandomFileName()}";
            return _sandbox = new DataDirectory(Path.Join(_sandboxRoot, name));
        }
    }

    private Place FindOrThrow(string path) =>
        Find(path) ?? throw new FileNotFoundException($"there is no file {path}", path);

    private Place? Find(string path)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(path, out var place)) return place;
            return IsRemoved(path) ? null : new Place(_original, path);
        }
    }

    // Is it, or a directory above it, gone?
    private bool IsRemoved(string path)
    {
        if (_removedDirectories.Count == 0) return false;
        for (var part = path; ; part = part[..part.LastIndexOf('/')])
        {
            if (_removedDirectories.Contains(part)) return true;
            if (!part.Contains('/', StringComparison.Ordinal)) return false;
        }
    }

    private List<string> FilesOf(string path)
    {
        if (FileExists(path)) return [path];
        var files = new List<string>();
        foreach (var name in List(path)) files.AddRange(FilesOf($"{path}/{name}"));
        return files;
    }

    private void Forget(string path)
    {
        if (_original.FileExists(path)) return;
        _removedDirectories.Add(path);
        _createdDirectories.RemoveWhere(
            made => made == path || made.StartsWith(path + "/", StringComparison.Ordinal));
    }

    // Where the bytes of a file are, and how many of them count.
    private sealed record Place(IDataDirectory Owner, string Path, long LimitBytes = long.MaxValue);
}
