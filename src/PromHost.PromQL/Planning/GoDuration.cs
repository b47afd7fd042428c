namespace PromHost.PromQL;

/// <summary>Durations as Go converts them, to the last bit.</summary>
internal static class GoDuration
{
    /// <summary>Seconds, as <c>Duration.Seconds</c> computes them: whole seconds plus the rest.</summary>
    public static double Seconds(long durationMs) => durationMs / 1000 + durationMs % 1000 * 1_000_000 / 1e9;
}
