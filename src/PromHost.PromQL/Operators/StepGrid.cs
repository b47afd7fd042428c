namespace PromHost.PromQL;

/// <summary>The times at which an expression is evaluated: start, start + step, … up to end.</summary>
/// <param name="StartMs">First evaluation time, milliseconds since the Unix epoch.</param>
/// <param name="EndMs">Last possible evaluation time, not before the first.</param>
/// <param name="StepMs">Distance of two evaluations; for a single one any positive number.</param>
internal readonly record struct StepGrid(long StartMs, long EndMs, long StepMs)
{
    /// <summary>The number of evaluations, at least 1.</summary>
    public int Count => (int)((EndMs - StartMs) / StepMs) + 1;

    /// <summary>The grid of one evaluation.</summary>
    public static StepGrid Instant(long timeMs) => new(timeMs, timeMs, 1);

    /// <summary>The time of an evaluation.</summary>
    public long TimeMs(int step) => StartMs + step * StepMs;
}
