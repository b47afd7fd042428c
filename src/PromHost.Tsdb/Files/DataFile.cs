using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

// A file of the real data directory.
internal sealed class DataFile : IDataFile
{
    // ENOSPC and EDQUOT (Linux, then macOS), ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static readonly int[] DiskFullResults =
        [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    private readonly string _path;
    private readonly SafeFileHandle _handle;

    public DataFile(string path, FileMode mode, FileAccess access)
    {
        _path = path;
        try
        {
            _handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            throw new DiskFullException(path, error);
        }
    }

    public long Length => RandomAccess.GetLength(_handle);

    public static bool IsDiskFull(IOException error) =>
        error is DiskFullException || Array.IndexOf(DiskFullResults, error.HResult) >= 0;

    public int Read(Span<byte> destination, long offsetBytes) =>
        RandomAccess.Read(_handle, destination, offsetBytes);

    public void Write(ReadOnlySpan<byte> bytes, long offsetBytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offsetBytes);
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            throw new DiskFullException(_path, error);
        }
    }

    public void SetLength(long lengthBytes)
    {
        try
        {
            RandomAccess.SetLength(_handle, lengthBytes);
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            throw new DiskFullException(_path, error);
        }
    }

    public void Allocate(long lengthBytes)
    {
        if (!UnixFileCalls.TryAllocate(_handle, lengthBytes))
        {
            var zeros = new byte[64 * 1024];
            for (var offset = 0L; offset < lengthBytes; offset += zeros.Length)
                Write(zeros.AsSpan(0, (int)Math.Min(zeros.Length, lengthBytes - offset)), offset);
        }
        else if (Length < lengthBytes)
        {
            throw new DiskFullException(_path, null);
        }
    }

    public void Sync() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
