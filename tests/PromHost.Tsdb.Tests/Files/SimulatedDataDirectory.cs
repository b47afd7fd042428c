namespace PromHost.Tsdb.Tests;

/// <summary>
/// A disk in memory that forgets what was not synced when its power is cut: of unsynced writes any sectors, of
/// unsynced creations, renames and deletions any, stay. It fills up. Wrapped in a <see cref="FaultyDataDirectory"/> it
/// fails and stops at a chosen change.
/// </summary>
/// <remarks>
/// More cruel than file systems are: these keep the order of changes to directories. Renames are atomic, as they are
/// everywhere.
/// </remarks>
internal sealed class SimulatedDataDirectory : IDataDirectory, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Folder _root = new();
    private readonly List<EntryChange> _unsynced = [];
    private readonly List<IDisposable> _orphans = [];
    private readonly HashSet<SimulatedFile> _mapped = [];
    private long _usedBytes;

    public string RootPath => "/simulated";

    /// <summary>Size of the disk.</summary>
    public long CapacityBytes { get; set; } = 1L << 40;

    public (long FreeBytes, long TotalBytes) Space
    {
        get
        {
            lock (_lock) return (Math.Max(0, CapacityBytes - _usedBytes), CapacityBytes);
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock) return Find(path) is SimulatedFile;
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock) return Find(directory) is Folder folder ? [.. folder.Entries.Keys] : [];
    }

    // Survives a power cut at once, as the interface demands.
    public void CreateDirectory(string path)
    {
        lock (_lock)
        {
            var folder = _root;
            foreach (var name in Parts(path))
            {
                if (!folder.Entries.TryGetValue(name, out var next))
                {
                    next = new Folder();
                    folder.Entries[name] = next;
                    folder.Durable[name] = next;
                }

                folder = next as Folder ?? throw new IOException($"{path}: a file is in the way");
            }
        }
    }

    public IDataFile OpenRead(string path) => Open(path);

    public IDataFile OpenWrite(string path) => Open(path);

    public IDataFile Create(string path)
    {
        lock (_lock)
        {
            var (folder, name) = Place(path);
            if (folder.Entries.ContainsKey(name)) throw new IOException($"{path} exists");
            if (_usedBytes >= CapacityBytes) throw new DiskFullException(path, null);
            var file = new SimulatedFile();
            Change((folder, name, file));
            return new OpenFile(this, file, path);
        }
    }

    public MappedFile Map(string path, long lengthBytes)
    {
        lock (_lock)
        {
            var file = FileAt(path);
            _mapped.Add(file);
            return file.Map(lengthBytes);
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            var (source, oldName) = Place(from);
            var (target, newName) = Place(to);
            if (!source.Entries.TryGetValue(oldName, out var node)) throw new FileNotFoundException(from);
            if (target.Entries.TryGetValue(newName, out var replaced) && (node is Folder || replaced is Folder))
                throw new IOException($"{to} exists");
            Change((source, oldName, null), (target, newName, node));
        }
    }

    public void Link(string existing, string added)
    {
        lock (_lock)
        {
            var (folder, name) = Place(added);
            if (folder.Entries.ContainsKey(name)) throw new IOException($"{added} exists");
            Change((folder, name, FileAt(existing)));
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            if (Find(path) is null) return;
            var (folder, name) = Place(path);
            Change((folder, name, null));
        }
    }

    public void SyncDirectory(string path)
    {
        lock (_lock)
        {
            var folder = Find(path) as Folder ?? throw new DirectoryNotFoundException(path);
            for (var i = 0; i < _unsynced.Count; i++)
            {
                if (!_unsynced[i].Concerns(folder)) continue;
                _unsynced[i].Apply(durable: true);
                _unsynced.RemoveAt(i--);
            }
        }
    }

    /// <summary>The process that used it is killed: what was written stays, nothing is mapped any more.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            foreach (var file in _mapped) file.EndProcess(_orphans);
            _mapped.Clear();
        }
    }

    /// <summary>Frees the memory of mappings that a killed process never gave back.</summary>
    public void Dispose()
    {
        Kill();
        foreach (var orphan in _orphans) orphan.Dispose();
    }

    /// <summary>Kills the process and cuts the power.</summary>
    public void CutPower(Random random)
    {
        Kill();
        lock (_lock)
        {
            var mode = random.Next(4);
            var kept = mode == 2 ? random.Next(_unsynced.Count + 1) : _unsynced.Count;
            foreach (var change in _unsynced.Take(mode == 0 ? 0 : kept))
            {
                if (mode < 3 || random.Next(2) == 0) change.Apply(durable: true);
            }

            _unsynced.Clear();
            Restart(_root, random, []);
            Count();
        }
    }

    private static string[] Parts(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static void Restart(Folder folder, Random random, HashSet<SimulatedFile> seen)
    {
        folder.Entries = new Dictionary<string, object>(folder.Durable, StringComparer.Ordinal);
        foreach (var node in folder.Entries.Values)
        {
            if (node is Folder below) Restart(below, random, seen);
            else if (node is SimulatedFile file && seen.Add(file)) file.CutPower(random);
        }
    }

    private void Change(params (Folder Folder, string Name, object? Node)[] entries)
    {
        var change = new EntryChange(entries);
        change.Apply(durable: false);
        _unsynced.Add(change);
        Count();
    }

    private void Count()
    {
        var files = new HashSet<SimulatedFile>();
        Visit(_root);
        _usedBytes = files.Sum(file => file.AllocatedBytes);

        void Visit(Folder folder)
        {
            foreach (var node in folder.Entries.Values)
            {
                if (node is Folder below) Visit(below);
                else files.Add((SimulatedFile)node);
            }
        }
    }

    private object? Find(string path)
    {
        object? node = _root;
        foreach (var name in Parts(path)) node = (node as Folder)?.Entries.GetValueOrDefault(name);
        return node;
    }

    private (Folder Folder, string Name) Place(string path)
    {
        var slash = path.LastIndexOf('/');
        var folder = Find(slash < 0 ? "" : path[..slash]) as Folder ?? throw new DirectoryNotFoundException(path);
        return (folder, path[(slash + 1)..]);
    }

    private SimulatedFile FileAt(string path)
    {
        if (Find(path) is SimulatedFile file) return file;
        var slash = path.LastIndexOf('/');
        if (slash > 0 && Find(path[..slash]) is not Folder) throw new DirectoryNotFoundException(path);
        throw new FileNotFoundException(path);
    }

    private OpenFile Open(string path)
    {
        lock (_lock) return new OpenFile(this, FileAt(path), path);
    }

    private sealed class Folder
    {
        public Dictionary<string, object> Entries { get; set; } = new(StringComparer.Ordinal);

        public Dictionary<string, object> Durable { get; } = new(StringComparer.Ordinal);
    }

    // What one call changed in directories: all of it stays, or nothing.
    private sealed record EntryChange((Folder Folder, string Name, object? Node)[] Entries)
    {
        public bool Concerns(Folder folder) => Array.Exists(Entries, entry => entry.Folder == folder);

        public void Apply(bool durable)
        {
            foreach (var (folder, name, node) in Entries)
            {
                var entries = durable ? folder.Durable : folder.Entries;
                if (node is null) entries.Remove(name);
                else entries[name] = node;
            }
        }
    }

    private sealed class OpenFile(SimulatedDataDirectory disk, SimulatedFile file, string path) : IDataFile
    {
        public long Length
        {
            get
            {
                lock (disk._lock) return file.Length;
            }
        }

        public int Read(Span<byte> destination, long offsetBytes)
        {
            lock (disk._lock) return file.Read(destination, offsetBytes);
        }

        public void Write(ReadOnlySpan<byte> bytes, long offsetBytes)
        {
            lock (disk._lock)
            {
                var free = disk.CapacityBytes - disk._usedBytes;
                var fitting = bytes.Length;
                while (fitting > 0 && file.MissingBytes(offsetBytes, fitting) > free)
                    fitting -= Math.Min(fitting, SimulatedFile.PageBytes);
                disk._usedBytes += file.MissingBytes(offsetBytes, fitting);
                file.Write(bytes[..fitting], offsetBytes);
                if (fitting < bytes.Length) throw new DiskFullException(path, null);
            }
        }

        public void Allocate(long lengthBytes)
        {
            lock (disk._lock)
            {
                if (lengthBytes > disk.CapacityBytes - disk._usedBytes) throw new DiskFullException(path, null);
                file.Reserve(lengthBytes);
                disk.Count();
            }
        }

        public void SetLength(long lengthBytes)
        {
            lock (disk._lock)
            {
                file.SetLength(lengthBytes);
                disk.Count();
            }
        }

        public void Sync()
        {
            lock (disk._lock) file.Sync();
        }

        public void Dispose()
        {
        }
    }
}
