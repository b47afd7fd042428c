namespace PromHost.Tsdb.Tests;

/// <summary>
/// A data directory that breaks on demand: short reads, a full disk, failing writes and syncs, a kill at the n-th
/// change. Like after a real kill -9, the files keep what was written up to then.
/// </summary>
internal sealed class FaultyDataDirectory(IDataDirectory inner) : IDataDirectory
{
    private readonly Random _random = new(1);
    private readonly Lock _deathLock = new();
    private bool _isDead;

    /// <summary>Changes (writes, syncs, creations, renames, ...) seen so far.</summary>
    public int Changes { get; private set; }

    /// <summary>Has the process been killed?</summary>
    public bool IsDead => Volatile.Read(ref _isDead);

    /// <summary>The change that kills the process; a write is done in part before it.</summary>
    public int KillAtChange { get; set; } = int.MaxValue;

    /// <summary>Bytes that files may still grow by.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    public bool FailWrites { get; set; }

    /// <summary>Writes to files whose path begins so fail.</summary>
    public string? FailWritesOf { get; set; }

    public bool FailSyncs { get; set; }

    public bool ReadShort { get; set; }

    /// <summary>Called before each sync of a file, on the thread that wants it.</summary>
    public Action? BeforeSync { get; set; }

    /// <summary>Called before a file is created, with its path, on the thread that does it; may throw.</summary>
    public Action<string>? BeforeCreate { get; set; }

    public string RootPath => inner.RootPath;

    public (long FreeBytes, long TotalBytes) Space => inner.Space;

    public bool FileExists(string path) => inner.FileExists(path);

    public IReadOnlyList<string> List(string directory) => inner.List(directory);

    public void CreateDirectory(string path) => Change(() => inner.CreateDirectory(path));

    public IDataFile OpenRead(string path) => new FaultyFile(this, inner.OpenRead(path), path);

    public IDataFile OpenWrite(string path) => new FaultyFile(this, inner.OpenWrite(path), path);

    public IDataFile Create(string path)
    {
        BeforeCreate?.Invoke(path);
        IDataFile? file = null;
        Change(() => file = inner.Create(path));
        return new FaultyFile(this, file!, path);
    }

    // A thread that outlives the kill for a moment must not hold mappings in the process after it.
    public MappedFile Map(string path, long lengthBytes)
    {
        lock (_deathLock) return _isDead ? throw new SimulatedCrashException() : inner.Map(path, lengthBytes);
    }

    public void Rename(string from, string to) => Change(() => inner.Rename(from, to));

    public void Link(string existing, string added) => Change(() => inner.Link(existing, added));

    // A directory goes entry by entry.
    public void Delete(string path)
    {
        if (!inner.FileExists(path))
        {
            foreach (var name in inner.List(path)) Delete($"{path}/{name}");
        }

        Change(() => inner.Delete(path));
    }

    public void SyncDirectory(string path) => Change(() => inner.SyncDirectory(path));

    private void Change(Action change)
    {
        if (!_isDead && ++Changes < KillAtChange)
        {
            change();
            return;
        }

        // Whatever cleans up while the exception travels changes nothing more.
        lock (_deathLock) _isDead = true;
        throw new SimulatedCrashException();
    }

    private sealed class FaultyFile(FaultyDataDirectory owner, IDataFile inner, string path) : IDataFile
    {
        public long Length => inner.Length;

        public int Read(Span<byte> destination, long offsetBytes)
        {
            var count = owner.ReadShort ? owner._random.Next(1, destination.Length + 1) : destination.Length;
            return inner.Read(destination[..count], offsetBytes);
        }

        public void Write(ReadOnlySpan<byte> bytes, long offsetBytes)
        {
            if (owner.FailWrites ||
                (owner.FailWritesOf is { } failing && path.StartsWith(failing, StringComparison.Ordinal)))
            {
                inner.Write(bytes[..owner._random.Next(bytes.Length)], offsetBytes);
                throw new IOException("input/output error");
            }

            var growth = offsetBytes + bytes.Length - inner.Length;
            if (growth > owner.FreeBytes)
            {
                inner.Write(bytes[..(int)Math.Max(0, bytes.Length - growth + owner.FreeBytes)], offsetBytes);
                throw new DiskFullException("file", null);
            }

            owner.FreeBytes -= Math.Max(0, growth);
            if (owner.Changes + 1 == owner.KillAtChange)
                inner.Write(bytes[..owner._random.Next(bytes.Length + 1)], offsetBytes);
            var copy = bytes.ToArray();
            owner.Change(() => inner.Write(copy, offsetBytes));
        }

        public void Allocate(long lengthBytes) => owner.Change(() => inner.Allocate(lengthBytes));

        public void SetLength(long lengthBytes) => owner.Change(() => inner.SetLength(lengthBytes));

        public void Sync()
        {
            owner.BeforeSync?.Invoke();
            if (owner.FailSyncs)
                throw new IOException("input/output error");
            owner.Change(inner.Sync);
        }

        public void Dispose() => inner.Dispose();
    }
}
