using System.Globalization;

namespace PromHost.Server;

/// <summary>Durations as Go's <c>time.Duration</c> writes them: <c>2h0m0s</c>, <c>15.001s</c>, <c>20ms</c>.</summary>
internal static class GoDurationText
{
    /// <summary>The text of a duration in milliseconds.</summary>
    public static string Of(long durationMs)
    {
        if (durationMs == 0) return "0s";
        var sign = durationMs < 0 ? "-" : "";
        // The lowest number has no positive twin.
        var ms = durationMs < 0 ? 0UL - (ulong)durationMs : (ulong)durationMs;
        if (ms < 1000) return string.Create(CultureInfo.InvariantCulture, $"{sign}{ms}ms");
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{ms / 1000 % 60}.{ms % 1000:D3}")
            .TrimEnd('0').TrimEnd('.') + "s";
        var minutes = ms / 60_000;
        if (minutes == 0) return sign + seconds;
        return minutes < 60
            ? string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes}m{seconds}")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes / 60}h{minutes % 60}m{seconds}");
    }
}
