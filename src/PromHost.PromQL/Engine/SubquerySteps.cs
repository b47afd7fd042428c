namespace PromHost.PromQL;

/// <summary>
/// At which step of a function a step of the subquery below it counts (Prometheus 3.14,
/// <c>MergeSamplesReadFromSubquery</c>): at the first that is not before it, and at none when it lies in a gap between
/// the windows.
/// </summary>
/// <param name="inner">The subquery's steps.</param>
/// <param name="outer">The function's steps.</param>
/// <param name="offsetMs">The subquery's offset as written; upstream does not heed its <c>@</c> here.</param>
/// <param name="rangeMs">The length of a window.</param>
internal sealed class SubquerySteps(StepGrid inner, StepGrid outer, long offsetMs, long rangeMs)
{
    private const int None = -1;

    /// <summary>Which steps of the subquery count.</summary>
    /// <param name="outerHeeded">Which steps of the function do; null for all.</param>
    /// <returns>A bit for each; null for all.</returns>
    public ulong[]? Heeded(ulong[]? outerHeeded)
    {
        if (outerHeeded is null && HasNoGaps) return null;
        var heeded = new ulong[PresenceBits.WordCount(inner.Count)];
        var areAll = true;
        for (var step = 0; step < inner.Count; step++)
        {
            var at = OuterStep(step);
            if (at != None && (outerHeeded is null || PresenceBits.Has(outerHeeded, at)))
                PresenceBits.Set(heeded, step);
            else areAll = false;
        }

        return areAll ? null : heeded;
    }

    /// <summary>Adds what counts at the steps of the subquery to those of the function.</summary>
    public void AddTo(Span<long> outerCounts, ReadOnlySpan<long> innerCounts)
    {
        for (var step = 0; step < innerCounts.Length; step++)
        {
            if (innerCounts[step] == 0) continue;
            var at = OuterStep(step);
            if (at != None) outerCounts[at] += innerCounts[step];
        }
    }

    private bool HasNoGaps => outer.Count == 1 ||
        (outer.StepMs <= rangeMs && inner.StartMs + offsetMs > outer.StartMs - rangeMs);

    private int OuterStep(int innerStep)
    {
        if (outer.Count == 1) return 0;
        var timeMs = inner.TimeMs(innerStep) + offsetMs;
        var step = timeMs <= outer.StartMs ? 0 : (timeMs - outer.StartMs + outer.StepMs - 1) / outer.StepMs;
        var at = (int)Math.Min(step, outer.Count - 1);
        return timeMs <= outer.TimeMs(at) - rangeMs ? None : at;
    }
}
