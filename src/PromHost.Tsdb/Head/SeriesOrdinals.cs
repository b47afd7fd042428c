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
/// The map is a list of stretches, which lie outside the garbage collector's heap, in pages as the system's. The memory
/// of a page of which no series is left is given up, so that the series of the past cost nothing; their addresses are
/// not used again, so that whoever still looks there finds that they are gone. All of them together are 8 GiB.
/// </remarks>
internal sealed class SeriesOrdinals
{
    private const int PageBits = 10;
    private const int PageMask = (1 << PageBits) - 1;
    private const int PageBytes = sizeof(int) << PageBits;
    private const int StretchBits = 18;
    private const int StretchMask = (1 << StretchBits) - 1;

    // The one behind the last stretch is still a number.
    private const int MaxOrdinal = int.MaxValue - (1 << StretchBits);

    private readonly NativeSpace _space = new();
    private Stretch?[] _stretches = [];
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
        var stretches = Volatile.Read(ref _stretches);
        var index = ordinal >> StretchBits;
        if (index >= stretches.Length) return 0;
        var stretch = Volatile.Read(ref stretches[index]);
        return stretch is null ? 0 : Volatile.Read(ref stretch[ordinal & StretchMask]);
    }

    /// <summary>Adds a series under the next ordinal.</summary>
    public void Add(int series)
    {
        var ordinal = Next;
        var stretch = StretchFor(ordinal);
        Volatile.Write(ref stretch[ordinal & StretchMask], series);
        // A page is in use from its first ordinal on, even while it is the last one and empty.
        if (ordinal == 1 || (ordinal & PageMask) == 0) _sizeBytes += PageBytes;
        stretch.CountOf(ordinal)++;
        stretch.Count++;
        Count++;
        Volatile.Write(ref _last, ordinal);
        // The page before was kept as long as it was the last one.
        if ((ordinal & PageMask) == 0) ForgetIfEmpty(ordinal - 1);
    }

    /// <summary>Removes a series that is there.</summary>
    public void Remove(int ordinal)
    {
        var stretch = _stretches[ordinal >> StretchBits]!;
        Volatile.Write(ref stretch[ordinal & StretchMask], 0);
        stretch.CountOf(ordinal)--;
        stretch.Count--;
        Count--;
        if (ordinal >> PageBits != _last >> PageBits) ForgetIfEmpty(ordinal);
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
        var stretches = Volatile.Read(ref _stretches);
        while (ordinal <= last)
        {
            var stretch = Volatile.Read(ref stretches[ordinal >> StretchBits]);
            if (stretch is null)
            {
                ordinal = ((ordinal >> StretchBits) + 1) << StretchBits;
                continue;
            }

            if (Volatile.Read(ref stretch.CountOf(ordinal)) == 0)
            {
                ordinal = ((ordinal >> PageBits) + 1) << PageBits;
                continue;
            }

            do
            {
                series = Volatile.Read(ref stretch[ordinal & StretchMask]);
                if (series != 0) return true;
            }
            while ((++ordinal & PageMask) != 0 && ordinal <= last);
        }

        series = 0;
        return false;
    }

    private static StorageUnavailableException Exhausted() => new(
        "the head has no number left for another series: restart it, which numbers them anew", null);

    private Stretch StretchFor(int ordinal)
    {
        var index = ordinal >> StretchBits;
        if (index >= _stretches.Length)
        {
            var grown = new Stretch?[Math.Max(index + 1, _stretches.Length * 2)];
            _stretches.CopyTo(grown, 0);
            Volatile.Write(ref _stretches, grown);
        }

        if (_stretches[index] is not { } stretch)
            Volatile.Write(ref _stretches[index], stretch = new Stretch(_space.Take(sizeof(int) << StretchBits)));
        return stretch;
    }

    private void ForgetIfEmpty(int ordinal)
    {
        ref var entry = ref _stretches[ordinal >> StretchBits];
        if (entry is not { } stretch || stretch.CountOf(ordinal) > 0) return;
        stretch.ForgetPage(ordinal);
        _sizeBytes -= PageBytes;
        if (stretch.Count == 0 && ordinal >> StretchBits != _last >> StretchBits) entry = null;
    }

    // Callers keep indexes below the length.
    private sealed unsafe class Stretch(nint start)
    {
        private readonly int* _series = (int*)start;
        private readonly int[] _counts = new int[1 << (StretchBits - PageBits)];

        /// <summary>The series that are there.</summary>
        public int Count { get; set; }

        public ref int this[int index]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ref _series[index];
        }

        /// <summary>The series that are there of the page of an ordinal.</summary>
        public ref int CountOf(int ordinal) => ref _counts[(ordinal & StretchMask) >> PageBits];

        public void ForgetPage(int ordinal) =>
            NativeSpace.Forget((nint)(_series + (ordinal & StretchMask & ~PageMask)), PageBytes);
    }
}
