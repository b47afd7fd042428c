namespace PromHost.Tsdb.Tests;

/// <summary>A data directory that tells of what is done with one file, before it is done.</summary>
internal sealed class WatchedDataDirectory(IDataDirectory inner, string watched) : IDataDirectory
{
    /// <summary>Called on the thread that writes.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Called on the thread that opens it to read.</summary>
    public Action? BeforeRead { get; set; }

    public string RootPath => inner.RootPath;

    public (long FreeBytes, long TotalBytes) Space => inner.Space;

    public bool FileExists(string path) => inner.FileExists(path);

    public IReadOnlyList<string> List(string directory) => inner.List(directory);

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public IDataFile OpenRead(string path)
    {
        if (path == watched) BeforeRead?.Invoke();
        return inner.OpenRead(path);
    }

    public IDataFile OpenWrite(string path) => inner.OpenWrite(path);

    public IDataFile Create(string path) =>
        path == watched ? new WatchedFile(this, inner.Create(path)) : inner.Create(path);

    public MappedFile Map(string path, long lengthBytes) => inner.Map(path, lengthBytes);

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Link(string existing, string added) => inner.Link(existing, added);

    public void Delete(string path) => inner.Delete(path);

    public void SyncDirectory(string path) => inner.SyncDirectory(path);

    private sealed class WatchedFile(WatchedDataDirectory owner, IDataFile inner) : IDataFile
    {
        public long Length => inner.Length;

        public int Read(Span<byte> destination, long offsetBytes) => inner.Read(destination, offsetBytes);

        public void Write(ReadOnlySpan<byte> bytes, long offsetBytes)
        {
            owner.BeforeWrite?.Invoke();
            inner.Write(bytes, offsetBytes);
        }

        public void SetLength(long lengthBytes) => inner.SetLength(lengthBytes);

        public void Allocate(long lengthBytes) => inner.Allocate(lengthBytes);

        public void Sync() => inner.Sync();

        public void Dispose() => inner.Dispose();
    }
}
