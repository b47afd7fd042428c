namespace PromHost.Tsdb.Tests;

/// <summary>A directory of its own for a test, gone with it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("promhost-test-").FullName;

    public string Path { get; }

    public DataDirectory Open() => new(Path);

    public string PathOf(string relative) => System.IO.Path.Join(Path, relative);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
