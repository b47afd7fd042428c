using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>Makes <see cref="Tombstones"/> from older ones and new intervals. For one thread.</summary>
internal sealed class TombstonesBuilder
{
    private readonly Dictionary<ulong, TimeInterval[]> _unchanged;
    private readonly Dictionary<ulong, List<TimeInterval>> _changed = [];

    /// <summary>Begins with nothing deleted.</summary>
    public TombstonesBuilder()
        : this(Tombstones.None)
    {
    }

    /// <summary>Begins with what is deleted already.</summary>
    public TombstonesBuilder(Tombstones basis) => _unchanged = basis.Copy();

    /// <summary>
    /// Adds an interval to a series, merging it with those that it overlaps or touches: timestamps are whole
    /// milliseconds, so that 1-2 and 3-4 become 1-4.
    /// </summary>
    /// <exception cref="ArgumentException">The interval ends before it begins.</exception>
    public void Add(ulong seriesRef, TimeInterval interval)
    {
        if (interval.MaxTimeMs < interval.MinTimeMs)
            throw new ArgumentException("the interval ends before it begins", nameof(interval));
        ref var intervals = ref CollectionsMarshal.GetValueRefOrAddDefault(_changed, seriesRef, out _);
        intervals ??= _unchanged.Remove(seriesRef, out var present) ? [.. present] : [];
        Merge(intervals, interval);
    }

    /// <summary>Forgets what is deleted of a series.</summary>
    public void Remove(ulong seriesRef)
    {
        _unchanged.Remove(seriesRef);
        _changed.Remove(seriesRef);
    }

    /// <summary>Forgets all intervals that end before a time.</summary>
    public void RemoveBefore(long timeMs)
    {
        foreach (var (seriesRef, present) in _unchanged)
        {
            // Removing and replacing entries does not disturb the walk over a dictionary.
            if (present[^1].MaxTimeMs < timeMs)
                _unchanged.Remove(seriesRef);
            else if (present[0].MaxTimeMs < timeMs)
                _unchanged[seriesRef] = [.. present.SkipWhile(interval => interval.MaxTimeMs < timeMs)];
        }

        foreach (var (seriesRef, intervals) in _changed)
        {
            intervals.RemoveAll(interval => interval.MaxTimeMs < timeMs);
            if (intervals.Count == 0) _changed.Remove(seriesRef);
        }
    }

    /// <summary>What is deleted now; the builder may be used on.</summary>
    public Tombstones Build()
    {
        var intervals = new Dictionary<ulong, TimeInterval[]>(_unchanged);
        foreach (var (seriesRef, list) in _changed) intervals.Add(seriesRef, [.. list]);
        return new Tombstones(intervals);
    }

    private static void Merge(List<TimeInterval> intervals, TimeInterval added)
    {
        var first = FirstNotBefore(intervals, added);
        var end = first;
        while (end < intervals.Count && !IsApart(added, intervals[end])) end++;
        if (end == first)
        {
            intervals.Insert(first, added);
            return;
        }

        intervals[first] = new TimeInterval(
            Math.Min(added.MinTimeMs, intervals[first].MinTimeMs),
            Math.Max(added.MaxTimeMs, intervals[end - 1].MaxTimeMs));
        intervals.RemoveRange(first + 1, end - first - 1);
    }

    // The first interval that is not apart from and before the added one.
    private static int FirstNotBefore(List<TimeInterval> intervals, TimeInterval added)
    {
        // Files hold them in order: mostly the answer is the end.
        if (intervals.Count == 0 || IsApart(intervals[^1], added)) return intervals.Count;
        var low = 0;
        var high = intervals.Count - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (IsApart(intervals[middle], added)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    // Does one end before the other begins, with a millisecond between them?
    private static bool IsApart(TimeInterval earlier, TimeInterval later) =>
        earlier.MaxTimeMs < later.MinTimeMs && (ulong)(later.MinTimeMs - earlier.MaxTimeMs) > 1;
}
