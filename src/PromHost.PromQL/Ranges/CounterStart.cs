namespace PromHost.PromQL;

/// <summary>
/// What start timestamps tell of a counter between two neighbouring samples (Prometheus 3.14,
/// <c>isStartTimestampReset</c>, <c>checkStartTimeOverlap</c>). 0 is an unknown start.
/// </summary>
internal static class CounterStart
{
    /// <summary>Did the counter begin anew between two samples?</summary>
    /// <param name="previousStartMs">Start of the earlier sample.</param>
    /// <param name="previousMs">Time of the earlier sample.</param>
    /// <param name="startMs">Start of the later sample.</param>
    /// <param name="timeMs">Time of the later sample.</param>
    public static bool IsReset(long previousStartMs, long previousMs, long startMs, long timeMs)
    {
        // A start that is not before its sample is invalid, or says in OpenTelemetry's way that it is unknown.
        if (startMs == 0 || startMs >= timeMs || startMs < previousMs) return false;
        if (startMs > previousMs) return true;
        // A start at the sample before: a delta if that one has a start of its own, else a counter of unknown start.
        return previousStartMs != 0 && previousStartMs < previousMs;
    }

    /// <summary>Does a counter begin before the sample before it, but not with it?</summary>
    /// <param name="previousStartMs">Start of the earlier sample.</param>
    /// <param name="previousMs">Time of the earlier sample.</param>
    /// <param name="startMs">Start of the later sample.</param>
    public static bool Overlaps(long previousStartMs, long previousMs, long startMs) =>
        startMs != 0 && startMs < previousMs && startMs != previousStartMs;

    /// <summary>Does any sample of a window overlap the one before it?</summary>
    /// <param name="timesMs">Times of the window's samples.</param>
    /// <param name="startsMs">Starts of the window's samples.</param>
    public static bool AnyOverlaps(ReadOnlySpan<long> timesMs, ReadOnlySpan<long> startsMs)
    {
        for (var i = 1; i < timesMs.Length; i++)
        {
            if (Overlaps(startsMs[i - 1], timesMs[i - 1], startsMs[i])) return true;
        }

        return false;
    }
}
