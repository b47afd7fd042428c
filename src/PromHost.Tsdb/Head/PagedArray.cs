// Hot path: every access to a series goes through one.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// An array that grows by pages, so that elements never move. One thread grows it; any thread may use elements that
/// were published to it by other means.
/// </summary>
internal sealed class PagedArray<T>(int pageBits)
{
    private readonly int _mask = (1 << pageBits) - 1;
    private T[][] _pages = [];

    /// <summary>The element; there must be room for it.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _pages[index >> pageBits][index & _mask];
    }

    /// <summary>Makes room for an element.</summary>
    public void EnsureRoom(int index)
    {
        var page = index >> pageBits;
        while (_pages.Length <= page)
        {
            T[][] grown = [.. _pages, new T[_mask + 1]];
            Volatile.Write(ref _pages, grown);
        }
    }
}
