using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

/// <summary>
/// A read-only mapping of the beginning of a file. Its owner disposes of it when nobody reads the bytes any more; a
/// span used later is an access violation.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _disposed;

    /// <summary>Maps <paramref name="lengthBytes"/> bytes, at most 2 GiB; the handle may be closed then.</summary>
    public MappedFile(SafeFileHandle handle, long lengthBytes)
    {
        LengthBytes = checked((int)lengthBytes);
        _file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    /// <summary>The bytes mapped.</summary>
    public int LengthBytes { get; }

    /// <summary>The mapped bytes; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, LengthBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
