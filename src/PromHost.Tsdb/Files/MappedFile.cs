using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace PromHost.Tsdb;

/// <summary>
/// A read-only mapping of the beginning of a file. Its owner disposes of it when nobody reads the bytes any more; a
/// span used later is an access violation.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly IDisposable _owner;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private int _disposed;

    /// <summary>Maps <paramref name="lengthBytes"/> bytes; the handle may be closed then.</summary>
    public MappedFile(SafeFileHandle handle, long lengthBytes)
    {
        LengthBytes = lengthBytes;
        var file = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _owner = file;
        _view = file.CreateViewAccessor(0, lengthBytes, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        _start = pointer + _view.PointerOffset;
    }

    /// <summary>Shows memory that is not a file's, for disks that are not real.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="lengthBytes">Its length.</param>
    /// <param name="owner">Disposed of with the mapping.</param>
    public MappedFile(nint start, long lengthBytes, IDisposable owner)
    {
        _start = (byte*)start;
        LengthBytes = lengthBytes;
        _owner = owner;
    }

    /// <summary>The bytes mapped.</summary>
    public long LengthBytes { get; }

    /// <summary>The mapped bytes of a file of less than 2 GiB; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, checked((int)LengthBytes));

    /// <summary>A part of the mapped bytes; valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within.</exception>
    public ReadOnlySpan<byte> Slice(long offsetBytes, int lengthBytes)
    {
        ThrowIfOutside(offsetBytes, lengthBytes);
        return new ReadOnlySpan<byte>(_start + offsetBytes, lengthBytes);
    }

    /// <summary>The same as memory that can be handed on; valid until <see cref="Dispose"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within.</exception>
    public ReadOnlyMemory<byte> Memory(long offsetBytes, int lengthBytes)
    {
        ThrowIfOutside(offsetBytes, lengthBytes);
        return new Part(_start + offsetBytes, lengthBytes).Memory;
    }

    /// <summary>
    /// Gives the memory of a part back to the system: for whoever reads large files once. The bytes stay valid; they
    /// come from the file again, most likely without waiting for the disk, when they are read again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within.</exception>
    public void Forget(long offsetBytes, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offsetBytes, LengthBytes - lengthBytes);
        // Other memory would be gone with its content.
        if (_view is not null) UnixFileCalls.Forget((nint)(_start + offsetBytes), lengthBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _owner.Dispose();
    }

    private void ThrowIfOutside(long offsetBytes, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offsetBytes, LengthBytes - lengthBytes);
    }

    private sealed class Part(byte* start, int lengthBytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, lengthBytes);

        // The mapping does not move.
        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
