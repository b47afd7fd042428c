// Hot path: every access to a series goes through one.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// An array that grows by pages, so that elements never move. One thread at a time grows it and gives pages up; any
/// thread may use elements that were published to it by other means.
/// </summary>
internal sealed class PagedArray<T>(int pageBits)
{
    private readonly int _mask = (1 << pageBits) - 1;
    private T[]?[] _pages = [];

    /// <summary>The number of pages.</summary>
    public int PageCount { get; private set; }

    /// <summary>The element; there must be room for it.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _pages[index >> pageBits]![index & _mask];
    }

    /// <summary>The element, or a null reference when its page was given up.</summary>
    public ref T FindOrNull(int index)
    {
        var page = index >> pageBits < _pages.Length ? Volatile.Read(ref _pages[index >> pageBits]) : null;
        return ref page is null ? ref Unsafe.NullRef<T>() : ref page[index & _mask];
    }

    /// <summary>Makes room for an element.</summary>
    public void EnsureRoom(int index)
    {
        var page = index >> pageBits;
        if (page >= _pages.Length)
        {
            var grown = new T[]?[Math.Max(page + 1, _pages.Length * 2)];
            _pages.CopyTo(grown, 0);
            Volatile.Write(ref _pages, grown);
        }

        if (_pages[page] is not null) return;
        Volatile.Write(ref _pages[page], new T[_mask + 1]);
        PageCount++;
    }

    /// <summary>Gives up the page of an element; nobody uses an element of it any more.</summary>
    public void FreePage(int index)
    {
        ref var page = ref _pages[index >> pageBits];
        if (page is null) return;
        page = null;
        PageCount--;
    }
}
