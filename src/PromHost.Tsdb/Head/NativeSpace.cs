using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Memory outside the garbage collector's heap, handed out in parts that stay where they are for as long as the space
/// is there. What a part holds can be forgotten: its memory goes back to the system at once, and the part reads as
/// zeros and may be written again. So whoever still looks at a part that was forgotten reads nothing harmful. For one
/// thread at a time; parts may be read and written by any.
/// </summary>
/// <remarks>
/// Slabs that live for hours and then go in a crowd are the garbage collector's worst case: they are given back when it
/// next looks at its oldest generation, which is long after, and from between others not at all. The space itself goes
/// when nobody refers to it any more, and so cannot go too early.
/// </remarks>
internal sealed unsafe partial class NativeSpace
{
    private const int FirstRegionBytes = 1 << 20;
    private const int MaxRegionBytes = 1 << 26;
    private const int PageBytes = 4096;

    private readonly List<Region> _regions = [];
    private nint _next;
    private long _left;

    /// <summary>Takes a part, zeroed, that begins at a page of the system. It costs what is written to it.</summary>
    /// <exception cref="StorageUnavailableException">The system gives no more.</exception>
    public nint Take(int lengthBytes)
    {
        var rounded = ((long)lengthBytes + PageBytes - 1) / PageBytes * PageBytes;
        if (rounded > _left)
        {
            var size = (long)FirstRegionBytes << Math.Min(_regions.Count, 6);
            var region = new Region((nint)Math.Max(rounded, Math.Min(size, MaxRegionBytes)));
            _regions.Add(region);
            _next = region.Start;
            _left = region.LengthBytes;
        }

        var start = _next;
        _next += (nint)rounded;
        _left -= rounded;
        return start;
    }

    /// <summary>Gives the memory of a part back to the system; it reads as zeros from now on.</summary>
    public static void Forget(nint start, int lengthBytes)
    {
        if (!OperatingSystem.IsLinux() || Advise(start, (nuint)lengthBytes, 4) != 0)
            NativeMemory.Clear((void*)start, (nuint)lengthBytes);
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Map(nint start, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(nint start, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint start, nuint length, int advice);

    // Memory of the system, which is counted when it is touched.
    private sealed class Region : SafeHandleMinusOneIsInvalid
    {
        private const int ReadAndWrite = 1 | 2;
        private const int PrivateAnonymousNoReserve = 2 | 0x20 | 0x4000;

        public Region(nint lengthBytes)
            : base(ownsHandle: true)
        {
            LengthBytes = lengthBytes;
            if (OperatingSystem.IsLinux())
            {
                SetHandle(Map(0, (nuint)lengthBytes, ReadAndWrite, PrivateAnonymousNoReserve, -1, 0));
                if (IsInvalid) throw NoMemory(lengthBytes);
            }
            else
            {
                SetHandle((nint)NativeMemory.AlignedAlloc((nuint)lengthBytes, PageBytes));
                NativeMemory.Clear((void*)handle, (nuint)lengthBytes);
            }
        }

        public nint Start => handle;

        public nint LengthBytes { get; }

        private static StorageUnavailableException NoMemory(nint lengthBytes) => new(
            $"the head needs {lengthBytes} more bytes, and the system has no memory left", null);

        protected override bool ReleaseHandle()
        {
            if (OperatingSystem.IsLinux()) return Unmap(handle, (nuint)LengthBytes) == 0;
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
