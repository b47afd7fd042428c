// Hot path: tables of the index writer.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// An array outside the garbage collector's heap, for tables that are large and short-lived: its memory goes back to
/// the system when it is disposed of, and only then. Not to be used from then on.
/// </summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private T* _start;

    /// <summary>Allocates the array, zeroed.</summary>
    public NativeArray(int length)
    {
        Length = length;
        _start = (T*)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(T));
    }

    /// <summary>Elements.</summary>
    public int Length { get; private set; }

    /// <summary>An element.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Length) throw new ArgumentOutOfRangeException(nameof(index));
            return ref _start[index];
        }
    }

    /// <summary>All elements, until the array is disposed of.</summary>
    public Span<T> Span => new(_start, Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
        Length = 0;
    }
}
