namespace PromHost.PromQL;

/// <summary>At which time a selector looks when a step is evaluated: <c>offset</c> and <c>@</c> resolved.</summary>
/// <param name="OffsetMs">How far before the step, when there is no <c>@</c>.</param>
/// <param name="FixedMs">The time of <c>@</c>, less the offset, which then is the same at every step.</param>
internal readonly record struct SelectorTimes(long OffsetMs, long? FixedMs)
{
    /// <summary>Is the time the same at every step?</summary>
    public bool IsFixed => FixedMs is not null;

    /// <summary>The time at which to look.</summary>
    public long At(long stepTimeMs) => FixedMs ?? stepTimeMs - OffsetMs;
}
