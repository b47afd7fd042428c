// Hot path: a checkpoint asks it per series and per sample of a series that is gone.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// A set of series refs. Refs are dense in stretches that may lie far apart, so it is a bit per ref in pages of 4,096.
/// For one thread at a time; any number may read when nobody changes it.
/// </summary>
internal sealed class SeriesRefSet
{
    private const int PageBits = 12;
    private const int WordBits = 6;
    private const int PageWords = 1 << (PageBits - WordBits);

    private readonly Dictionary<ulong, ulong[]> _pages = [];

    /// <summary>How many refs it has.</summary>
    public long Count { get; private set; }

    /// <summary>Is a ref in it?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ulong seriesRef) =>
        _pages.TryGetValue(seriesRef >> PageBits, out var page) && (page[Word(seriesRef)] & Bit(seriesRef)) != 0;

    /// <summary>Adds a ref.</summary>
    public void Add(ulong seriesRef)
    {
        if (!_pages.TryGetValue(seriesRef >> PageBits, out var page))
            _pages[seriesRef >> PageBits] = page = new ulong[PageWords];
        ref var word = ref page[Word(seriesRef)];
        if ((word & Bit(seriesRef)) != 0)
            return;
        word |= Bit(seriesRef);
        Count++;
    }

    /// <summary>Takes a ref out.</summary>
    public void Remove(ulong seriesRef)
    {
        if (!Contains(seriesRef))
            return;
        _pages[seriesRef >> PageBits][Word(seriesRef)] &= ~Bit(seriesRef);
        Count--;
    }

    private static int Word(ulong seriesRef) => (int)(seriesRef >> WordBits) & (PageWords - 1);

    private static ulong Bit(ulong seriesRef) => 1UL << (int)(seriesRef & 63);
}
