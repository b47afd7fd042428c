// Hot path: every read of a series looks here.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// An array of references that mostly are null: a page of it takes memory once something is put there. Any thread reads
/// and puts; who puts where is the owner's to order.
/// </summary>
internal sealed class SparseArray<T>(int pageBits)
    where T : class
{
    private readonly int _mask = (1 << pageBits) - 1;

    // Guards pages that come and go, not their elements.
    private readonly Lock _lock = new();
    private T?[]?[] _pages = [];
    private int _pageCount;

    /// <summary>Bytes of the pages.</summary>
    public long SizeBytes => ((long)Volatile.Read(ref _pageCount) << pageBits) * IntPtr.Size;

    /// <summary>An element.</summary>
    public T? this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var page = PageOf(index);
            return page is null ? null : Volatile.Read(ref page[index & _mask]);
        }
    }

    /// <summary>The place of an element, to be written to.</summary>
    public ref T? Place(int index) => ref (PageOf(index) ?? AddPage(index >> pageBits))[index & _mask];

    /// <summary>Puts null.</summary>
    public void Clear(int index)
    {
        if (PageOf(index) is { } page) Volatile.Write(ref page[index & _mask], null);
    }

    /// <summary>Gives up the page of an element; nobody uses an element of it any more.</summary>
    public void FreePage(int index)
    {
        if (PageOf(index) is null) return;
        lock (_lock)
        {
            _pages[index >> pageBits] = null;
            _pageCount--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T?[]? PageOf(int index)
    {
        var pages = Volatile.Read(ref _pages);
        var page = index >> pageBits;
        return page < pages.Length ? Volatile.Read(ref pages[page]) : null;
    }

    private T?[] AddPage(int page)
    {
        lock (_lock)
        {
            if (page >= _pages.Length)
            {
                var grown = new T?[]?[Math.Max(page + 1, _pages.Length * 2)];
                _pages.CopyTo(grown, 0);
                Volatile.Write(ref _pages, grown);
            }

            if (_pages[page] is { } other) return other;
            var added = new T?[_mask + 1];
            _pageCount++;
            Volatile.Write(ref _pages[page], added);
            return added;
        }
    }
}
