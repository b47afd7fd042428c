using System.Globalization;
using System.Text;

namespace PromHost.Model;

/// <summary>Durations in Prometheus's notation: <c>1h30m</c>, units <c>y w d h m s ms</c>, largest first.</summary>
public static class PrometheusDuration
{
    private const long SecondMs = 1000, MinuteMs = 60 * SecondMs, HourMs = 60 * MinuteMs, DayMs = 24 * HourMs,
        WeekMs = 7 * DayMs, YearMs = 365 * DayMs;

    private static readonly (string Suffix, long Ms)[] Units =
        [("y", YearMs), ("w", WeekMs), ("d", DayMs), ("h", HourMs), ("m", MinuteMs), ("s", SecondMs), ("ms", 1)];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">For example <c>5m</c>; a bare <c>0</c> is allowed.</param>
    /// <param name="durationMs">The duration in milliseconds.</param>
    /// <param name="error">Prometheus's text when it is not one, else null.</param>
    public static bool TryParse(string text, out long durationMs, out string? error)
    {
        durationMs = 0;
        error = null;
        if (text.Length == 0)
        {
            error = "empty duration string";
            return false;
        }

        if (string.Equals(text, "0", StringComparison.Ordinal)) return true;
        Int128 total = 0;
        int position = 0, lastUnit = -1;
        while (position < text.Length)
        {
            var start = position;
            while (position < text.Length && char.IsAsciiDigit(text[position])) position++;
            var unitStart = position;
            while (position < text.Length && !char.IsAsciiDigit(text[position])) position++;
            var suffix = text[unitStart..position];
            var unit = Array.FindIndex(Units, u => string.Equals(u.Suffix, suffix, StringComparison.Ordinal));
            if (unitStart > start && position > unitStart && unit < 0)
            {
                error = $"unknown unit {GoText.Quote(suffix)} in duration {GoText.Quote(text)}";
                return false;
            }

            if (unitStart == start || unit <= lastUnit)
            {
                error = $"not a valid duration string: {GoText.Quote(text)}";
                return false;
            }

            lastUnit = unit;
            if (!long.TryParse(text.AsSpan(start, unitStart - start), NumberStyles.None, CultureInfo.InvariantCulture,
                out var count)) count = long.MaxValue;
            total += (Int128)count * Units[unit].Ms;
            // Upstream counts nanoseconds in 64 bits.
            if (total > long.MaxValue / 1_000_000)
            {
                error = "duration out of range";
                return false;
            }
        }

        durationMs = (long)total;
        return true;
    }

    /// <summary>Writes a duration in the fewest units: 90 minutes are <c>1h30m</c>.</summary>
    /// <param name="durationMs">The duration in milliseconds; may be negative.</param>
    public static string Format(long durationMs)
    {
        if (durationMs == 0) return "0s";
        var text = new StringBuilder();
        if (durationMs < 0) text.Append('-');
        var rest = (ulong)Int128.Abs(durationMs);
        foreach (var (suffix, unitMs) in Units)
        {
            var unit = (ulong)unitMs;
            // Years and weeks only where nothing smaller remains: 90d reads more easily than 12w6d.
            if (unitMs >= WeekMs && rest % unit != 0) continue;
            var count = rest / unit;
            if (count == 0) continue;
            text.Append(count).Append(suffix);
            rest -= count * unit;
        }

        return text.ToString();
    }
}
