// Hot path: every access to a series goes through one.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// A <see cref="PagedArray{T}"/> of plain values outside the garbage collector's heap. The elements of a page that was
/// given up read as zeros.
/// </summary>
internal sealed unsafe class NativePagedArray<T>(int pageBits)
    where T : unmanaged
{
    private readonly int _mask = (1 << pageBits) - 1;
    private readonly NativeSpace _space = new();
    private nint[] _pages = [];
    private bool[] _isInUse = [];

    /// <summary>The number of pages.</summary>
    public int PageCount { get; private set; }

    /// <summary>The element; there must have been room for it.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref ((T*)_pages[index >> pageBits])[index & _mask];
    }

    /// <summary>Makes room for an element; it is zeroed when its page is new.</summary>
    public void EnsureRoom(int index)
    {
        var page = index >> pageBits;
        if (page >= _pages.Length)
        {
            var grown = new nint[Math.Max(page + 1, _pages.Length * 2)];
            _pages.CopyTo(grown, 0);
            Array.Resize(ref _isInUse, grown.Length);
            Volatile.Write(ref _pages, grown);
        }

        if (_isInUse[page]) return;
        if (_pages[page] == 0) Volatile.Write(ref _pages[page], _space.Take(sizeof(T) << pageBits));
        _isInUse[page] = true;
        PageCount++;
    }

    /// <summary>Gives up the page of an element; nobody uses an element of it any more.</summary>
    public void FreePage(int index)
    {
        var page = index >> pageBits;
        if (!_isInUse[page]) return;
        _isInUse[page] = false;
        PageCount--;
        NativeSpace.Forget(_pages[page], sizeof(T) << pageBits);
    }
}
