namespace PromHost.Tsdb;

/// <summary>Ranges of time of equal length, aligned to the epoch, as Prometheus aligns blocks.</summary>
internal static class TimeRanges
{
    /// <summary>First timestamp of the range that holds a timestamp.</summary>
    public static long StartOf(long timestampMs, long rangeMs) =>
        timestampMs >= 0 ? timestampMs / rangeMs * rangeMs : (timestampMs - rangeMs + 1) / rangeMs * rangeMs;

    /// <summary>End (exclusive) of the range that holds a timestamp; the highest timestamp where it lies beyond.
    /// </summary>
    public static long EndOf(long timestampMs, long rangeMs)
    {
        var startMs = StartOf(timestampMs, rangeMs);
        return startMs > long.MaxValue - rangeMs ? long.MaxValue : startMs + rangeMs;
    }
}
