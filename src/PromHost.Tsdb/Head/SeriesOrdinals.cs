using System.Runtime.CompilerServices;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The series of the head in the order of their creation. A series has an ordinal, one higher than the series before,
/// never used again: postings are ascending lists of ordinals, to which new series are appended. Its place in memory, a
/// number that is used again when the series is gone, is found here. One thread at a time adds and removes; any thread
/// reads.
/// </summary>
/// <remarks>
/// The map is a tree of two levels of pages. A page of which no series is left is given up, so that the series of the
/// past cost nothing.
/// </remarks>
internal sealed class SeriesOrdinals
{
    private const int PageBits = 8;
    private const int DirectoryBits = 10;
    private const int PageMask = (1 << PageBits) - 1;
    private const int DirectoryShift = PageBits + DirectoryBits;
    private const int DirectoryMask = (1 << DirectoryBits) - 1;

    // The one behind the last page is still a number.
    private const int MaxOrdinal = int.MaxValue - (1 << DirectoryShift);

    private Directory?[] _directories = [];
    private int _last;
    private long _sizeBytes;

    /// <summary>The highest ordinal so far; 0 at first.</summary>
    public int Last => Volatile.Read(ref _last);

    /// <summary>The number of series that are there.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the map.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>The ordinal of the next series.</summary>
    /// <exception cref="StorageUnavailableException">There are no more.</exception>
    public int Next => _last < MaxOrdinal ? _last + 1 : throw Exhausted();

    /// <summary>The series of an ordinal, or 0 when it is gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SeriesOf(int ordinal)
    {
        var directories = Volatile.Read(ref _directories);
        var index = ordinal >> DirectoryShift;
        if (index >= directories.Length) return 0;
        var page = Volatile.Read(ref directories[index])?.Pages[(ordinal >> PageBits) & DirectoryMask];
        return page is null ? 0 : Volatile.Read(ref page.Series[ordinal & PageMask]);
    }

    /// <summary>Adds a series under the next ordinal.</summary>
    public void Add(int series)
    {
        var ordinal = Next;
        var page = PageFor(ordinal);
        Volatile.Write(ref page.Series[ordinal & PageMask], series);
        page.Count++;
        Count++;
        Volatile.Write(ref _last, ordinal);
        // The page before was kept as long as it was the last one.
        if ((ordinal & PageMask) == 0) FreeIfEmpty(ordinal - 1);
    }

    /// <summary>Removes a series that is there.</summary>
    public void Remove(int ordinal)
    {
        var page = _directories[ordinal >> DirectoryShift]!.Pages[(ordinal >> PageBits) & DirectoryMask]!;
        Volatile.Write(ref page.Series[ordinal & PageMask], 0);
        page.Count--;
        Count--;
        if (ordinal >> PageBits != _last >> PageBits) FreeIfEmpty(ordinal);
    }

    /// <summary>Turns ordinals into series, in place, leaving out those that are gone.</summary>
    /// <returns>How many are left.</returns>
    public int ToSeries(Span<int> ordinals)
    {
        var count = 0;
        foreach (var ordinal in ordinals)
        {
            var series = SeriesOf(ordinal);
            if (series != 0) ordinals[count++] = series;
        }

        return count;
    }

    /// <summary>Goes to the first series that is there from an ordinal on.</summary>
    /// <param name="ordinal">Where to begin; moved to the ordinal of the series found.</param>
    /// <param name="last">The last ordinal of interest.</param>
    /// <param name="series">The series.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFindFrom(ref int ordinal, int last, out int series)
    {
        var directories = Volatile.Read(ref _directories);
        while (ordinal <= last)
        {
            var directory = Volatile.Read(ref directories[ordinal >> DirectoryShift]);
            if (directory is null)
            {
                ordinal = ((ordinal >> DirectoryShift) + 1) << DirectoryShift;
                continue;
            }

            var page = Volatile.Read(ref directory.Pages[(ordinal >> PageBits) & DirectoryMask]);
            if (page is null)
            {
                ordinal = ((ordinal >> PageBits) + 1) << PageBits;
                continue;
            }

            do
            {
                series = Volatile.Read(ref page.Series[ordinal & PageMask]);
                if (series != 0) return true;
            }
            while ((++ordinal & PageMask) != 0 && ordinal <= last);
        }

        series = 0;
        return false;
    }

    private static StorageUnavailableException Exhausted() => new(
        "the head has no number left for another series: restart it, which numbers them anew", null);

    private Page PageFor(int ordinal)
    {
        var index = ordinal >> DirectoryShift;
        if (index >= _directories.Length)
        {
            var grown = new Directory?[Math.Max(index + 1, _directories.Length * 2)];
            _directories.CopyTo(grown, 0);
            Volatile.Write(ref _directories, grown);
        }

        if (_directories[index] is not { } directory)
            Volatile.Write(ref _directories[index], directory = new Directory());
        ref var page = ref directory.Pages[(ordinal >> PageBits) & DirectoryMask];
        if (page is not null) return page;
        Volatile.Write(ref page, new Page());
        directory.PageCount++;
        _sizeBytes += (1 << PageBits) * sizeof(int);
        return page;
    }

    private void FreeIfEmpty(int ordinal)
    {
        ref var directory = ref _directories[ordinal >> DirectoryShift];
        ref var page = ref directory!.Pages[(ordinal >> PageBits) & DirectoryMask];
        if (page is null || page.Count > 0) return;
        page = null;
        _sizeBytes -= (1 << PageBits) * sizeof(int);
        if (--directory.PageCount == 0) directory = null;
    }

    private sealed class Directory
    {
        public Page?[] Pages { get; } = new Page?[1 << DirectoryBits];

        public int PageCount { get; set; }
    }

    private sealed class Page
    {
        public int[] Series { get; } = new int[1 << PageBits];

        public int Count { get; set; }
    }
}
