namespace PromHost.Tsdb;

/// <summary>
/// Byte strings that are dropped in the order in which they were added, in pages that are used again. For one thread
/// at a time.
/// </summary>
/// <remarks>
/// A place is counted from the first byte ever added; a string never lies on two pages. Page n is at index n modulo the
/// number of pages, which doubles when the oldest page in use would be overtaken.
/// </remarks>
internal sealed class ByteRing
{
    private const int PageBits = 16;
    private const int PageBytes = 1 << PageBits;

    private byte[]?[] _pages = new byte[4][];
    private long _start;
    private long _end;

    /// <summary>Bytes of all pages.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Adds a string, at most 64 KiB, and returns its place.</summary>
    public long Add(ReadOnlySpan<byte> bytes)
    {
        var room = PageBytes - (int)(_end & (PageBytes - 1));
        if (bytes.Length > room) _end += room;
        var place = _end;
        bytes.CopyTo(PageOf(place).AsSpan((int)(place & (PageBytes - 1))));
        _end += bytes.Length;
        return place;
    }

    /// <summary>The bytes of a string.</summary>
    public ReadOnlySpan<byte> Get(long place, int length) =>
        length == 0
            ? default
            : _pages[(place >> PageBits) % _pages.Length].AsSpan((int)(place & (PageBytes - 1)), length);

    /// <summary>Drops what lies before a place.</summary>
    public void DropBefore(long place) => _start = Math.Max(_start, place);

    private byte[] PageOf(long place)
    {
        var page = place >> PageBits;
        if (page - (_start >> PageBits) >= _pages.Length) Grow();
        ref var bytes = ref _pages[page % _pages.Length];
        if (bytes is null)
        {
            bytes = new byte[PageBytes];
            SizeBytes += PageBytes;
        }

        return bytes;
    }

    private void Grow()
    {
        var grown = new byte[_pages.Length * 2][];
        var first = _start >> PageBits;
        for (var page = first; page < first + _pages.Length; page++)
            grown[page % grown.Length] = _pages[page % _pages.Length]!;
        _pages = grown;
    }
}
