namespace PromHost.Tsdb;

/// <summary>A closed interval of time.</summary>
/// <param name="MinTimeMs">First timestamp, inclusive.</param>
/// <param name="MaxTimeMs">Last timestamp, inclusive; not before the first.</param>
internal readonly record struct TimeInterval(long MinTimeMs, long MaxTimeMs)
{
    /// <summary>Does the timestamp lie within?</summary>
    public bool Contains(long timestampMs) => timestampMs >= MinTimeMs && timestampMs <= MaxTimeMs;

    /// <summary>Have the intervals a timestamp in common?</summary>
    public bool Overlaps(TimeInterval other) => MinTimeMs <= other.MaxTimeMs && other.MinTimeMs <= MaxTimeMs;
}
