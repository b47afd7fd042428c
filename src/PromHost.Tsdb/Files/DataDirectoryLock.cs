using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

/// <summary>
/// Keeps every other PromHost and Prometheus out of a data directory: an <c>flock</c> on the file <c>lock</c>, as
/// Prometheus takes it. Disposing lets go and removes the file, whose presence at a start tells of a crash.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "lock";

    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private DataDirectoryLock(string path, SafeFileHandle handle, bool isCleanStart)
    {
        _path = path;
        _handle = handle;
        IsCleanStart = isCleanStart;
    }

    /// <summary>True when the last owner closed the directory in order, or there was none.</summary>
    public bool IsCleanStart { get; }

    /// <summary>Takes the lock, creating the directory when it is missing.</summary>
    /// <exception cref="DataDirectoryLockedException">Another process holds it.</exception>
    /// <exception cref="IOException">The directory cannot be made or written to.</exception>
    public static DataDirectoryLock Acquire(string rootPath)
    {
        var path = Path.Join(rootPath, FileName);
        try
        {
            Directory.CreateDirectory(rootPath);
            var isCleanStart = !File.Exists(path);
            var handle = LockedFile.Open(path, FileMode.OpenOrCreate);
            return new DataDirectoryLock(path, handle, isCleanStart);
        }
        catch (IOException error) when (LockedFile.IsHeldByOther(error))
        {
            throw new DataDirectoryLockedException(rootPath, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the data directory {rootPath} cannot be written to: {error.Message}", error);
        }
    }

    /// <summary>Has another process the directory open? Changes nothing.</summary>
    /// <exception cref="IOException">Nobody can say: the lock cannot be opened.</exception>
    public static bool IsHeld(string rootPath) => LockedFile.IsHeld(Path.Join(rootPath, FileName));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle.IsClosed)
            return;
        File.Delete(_path);
        _handle.Dispose();
    }
}
