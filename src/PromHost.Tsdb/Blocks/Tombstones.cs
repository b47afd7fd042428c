namespace PromHost.Tsdb;

/// <summary>
/// What is deleted: per series ref a list of closed intervals, ascending, neither overlapping nor touching. Immutable;
/// a change makes a new one by <see cref="TombstonesBuilder"/>.
/// </summary>
internal sealed class Tombstones
{
    private readonly Dictionary<ulong, TimeInterval[]> _intervals;

    internal Tombstones(Dictionary<ulong, TimeInterval[]> intervals)
    {
        _intervals = intervals;
        foreach (var list in intervals.Values) IntervalCount += list.Length;
    }

    /// <summary>Nothing is deleted.</summary>
    public static Tombstones None { get; } = new([]);

    /// <summary>Is nothing deleted?</summary>
    public bool IsEmpty => _intervals.Count == 0;

    /// <summary>Intervals of all series: what <c>meta.json</c> counts.</summary>
    public long IntervalCount { get; }

    /// <summary>The series with deletions, ascending.</summary>
    public IEnumerable<ulong> SeriesRefs => _intervals.Keys.Order();

    /// <summary>What is deleted of a series; empty for nothing.</summary>
    public ReadOnlySpan<TimeInterval> Of(ulong seriesRef) =>
        _intervals.TryGetValue(seriesRef, out var intervals) ? intervals : [];

    internal Dictionary<ulong, TimeInterval[]> Copy() => new(_intervals);
}
