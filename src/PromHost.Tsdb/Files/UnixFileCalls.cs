using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

// What .NET does not offer: syncing a directory, hard links, advice on mappings.
internal static partial class UnixFileCalls
{
    private const int ReadOnly = 0;
    private const int DontNeed = 4;

    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
            throw Error("open", path);
        try
        {
            if (Sync(descriptor) < 0)
                throw Error("fsync", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    public static bool TryLink(string existing, string added) =>
        !OperatingSystem.IsWindows() && Link(existing, added) == 0;

    // The pages that lie wholly in a part of a read-only mapping; an error changes nothing that anybody reads.
    public static void Forget(nint start, long lengthBytes)
    {
        if (OperatingSystem.IsWindows())
            return;
        var page = Environment.SystemPageSize;
        var first = (start + page - 1) / page * page;
        var end = (nint)(start + lengthBytes) / page * page;
        if (end > first)
            _ = Advise(first, (nuint)(end - first), DontNeed);
    }

    /// <summary>Takes space for a file; false where that is not offered. Without space the file stays short.</summary>
    public static bool TryAllocate(SafeFileHandle file, long lengthBytes)
    {
        const int NoSpace = 28;
        return OperatingSystem.IsLinux() && Allocate(file, 0, lengthBytes) is 0 or NoSpace;
    }

    private static IOException Error(string call, string path)
    {
        var number = Marshal.GetLastPInvokeError();
        return new IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(number)}", number);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);

    // The result is the error's number.
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Allocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string added);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint start, nuint length, int advice);
}
