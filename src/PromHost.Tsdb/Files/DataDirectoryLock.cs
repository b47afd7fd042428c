using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

/// <summary>
/// Keeps every other PromHost and Prometheus out of a data directory: an <c>flock</c> on the file <c>lock</c>, as
/// Prometheus takes it. Disposing lets go and removes the file, whose presence at a start tells of a crash.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "lock";

    // What a held flock gives: EWOULDBLOCK of Linux and of macOS, a sharing violation of Windows.
    private static readonly int[] HeldResults = [11, 35, unchecked((int)0x80070020)];

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
            var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataDirectoryLock(path, handle, isCleanStart);
        }
        catch (IOException error) when (Array.IndexOf(HeldResults, error.HResult) >= 0)
        {
            throw new DataDirectoryLockedException(rootPath, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the data directory {rootPath} cannot be written to: {error.Message}", error);
        }
    }

    /// <summary>Has another process the directory open? Changes nothing.</summary>
    public static bool IsHeld(string rootPath)
    {
        var path = Path.Join(rootPath, FileName);
        if (!File.Exists(path)) return false;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException error) when (Array.IndexOf(HeldResults, error.HResult) >= 0)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle.IsClosed)
            return;
        File.Delete(_path);
        _handle.Dispose();
    }
}
