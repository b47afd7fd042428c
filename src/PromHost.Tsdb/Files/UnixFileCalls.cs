using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

// What .NET does not offer: syncing a directory and hard links.
internal static partial class UnixFileCalls
{
    private const int ReadOnly = 0;

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

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string added);
}
