using System.Globalization;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>
/// Times and durations in parameters. Never through <see cref="DateTime"/>: clients send milliseconds where seconds are
/// meant, and those lie beyond the year 9999.
/// </summary>
public static class RequestTime
{
    /// <summary>The earliest time, the default of optional starts, in milliseconds since the Unix epoch.</summary>
    public const long MinMs = ((long.MinValue / 1000) + 62135596801) * 1000;

    /// <summary>The latest time, the default of optional ends, in milliseconds since the Unix epoch.</summary>
    public const long MaxMs = (((long.MaxValue / 1000) - 62135596801) * 1000) + 999;

    private const string MinText = "-292273086-05-16T16:47:06Z";
    private const string MaxText = "292277025-08-18T07:12:54.999999999Z";

    /// <summary>Reads seconds since the Unix epoch or a time of RFC 3339; far-off times become the farthest.</summary>
    public static bool TryParseTime(string text, out long timestampMs)
    {
        if (GoNumber.TryParseFloat(text, out var seconds))
        {
            timestampMs = double.IsNaN(seconds) ? 0 : FromSeconds(seconds);
            return !double.IsNaN(seconds);
        }

        if (TryParseRfc3339(text, out timestampMs)) return true;
        if (string.Equals(text, MinText, StringComparison.Ordinal))
        {
            timestampMs = MinMs;
            return true;
        }

        timestampMs = MaxMs;
        return string.Equals(text, MaxText, StringComparison.Ordinal);
    }

    /// <summary>Reads seconds or a Prometheus duration.</summary>
    /// <param name="text">For example <c>15</c>, <c>0.5</c> or <c>1h30m</c>.</param>
    /// <param name="nanoseconds">The duration; may be negative.</param>
    /// <param name="error">Prometheus's text when it is none, else null.</param>
    public static bool TryParseDuration(string text, out long nanoseconds, out string? error)
    {
        nanoseconds = 0;
        error = null;
        if (GoNumber.TryParseFloat(text, out var seconds) && !double.IsNaN(seconds))
        {
            var exact = seconds * 1e9;
            // The first double above the largest long is 2^63.
            if (exact is < 9.2233720368547758E18 and >= -9.2233720368547758E18)
            {
                nanoseconds = (long)exact;
                return true;
            }

            error = $"cannot parse {GoText.Quote(text)} to a valid duration. It overflows int64";
            return false;
        }

        if (PrometheusDuration.TryParse(text, out var durationMs, out _))
        {
            nanoseconds = durationMs * 1_000_000;
            return true;
        }

        error = $"cannot parse {GoText.Quote(text)} to a valid duration";
        return false;
    }

    /// <summary>Writes a time as Go's RFC3339Nano does: fractions without trailing zeros, UTC.</summary>
    public static string FormatRfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    // The steps of Prometheus: the fraction is rounded to milliseconds, then cut to nanoseconds, then to milliseconds.
    private static long FromSeconds(double value)
    {
        var whole = Math.Truncate(value);
        if (whole >= long.MaxValue / 1000) return long.MaxValue;
        if (whole <= long.MinValue / 1000) return long.MinValue;
        var fraction = Math.Round((value - whole) * 1000, MidpointRounding.AwayFromZero) / 1000;
        var nanoseconds = (long)(fraction * 1e9);
        return ((long)whole * 1000) + FloorDivide(nanoseconds, 1_000_000);
    }

    private static long FloorDivide(long value, long divisor)
    {
        var quotient = value / divisor;
        return value % divisor < 0 ? quotient - 1 : quotient;
    }

    // YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)
    private static bool TryParseRfc3339(ReadOnlySpan<char> text, out long timestampMs)
    {
        timestampMs = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
            text[16] != ':') return false;
        if (!TryDigits(text[..4], out var year) || !TryDigits(text[5..7], out var month) ||
            !TryDigits(text[8..10], out var day) || !TryDigits(text[11..13], out var hour) ||
            !TryDigits(text[14..16], out var minute) || !TryDigits(text[17..19], out var second)) return false;
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month) || hour > 23 || minute > 59 ||
            second > 59) return false;
        var rest = text[19..];
        var millis = 0;
        if (rest[0] is '.' or ',')
        {
            var count = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (count <= 0) return false;
            for (var i = 1; i <= 3; i++) millis = (millis * 10) + (i <= count ? rest[i] - '0' : 0);
            rest = rest[(count + 1)..];
        }

        if (!TryParseZone(rest, out var offsetSeconds)) return false;
        var seconds = (DaysFromEpoch(year, month, day) * 86400L) + (hour * 3600) + (minute * 60) + second;
        timestampMs = ((seconds - offsetSeconds) * 1000) + millis;
        return true;
    }

    private static bool TryParseZone(ReadOnlySpan<char> text, out int offsetSeconds)
    {
        offsetSeconds = 0;
        if (text is ['Z']) return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':' ||
            !TryDigits(text[1..3], out var hours) || !TryDigits(text[4..6], out var minutes) || hours > 24 ||
            minutes > 60) return false;
        offsetSeconds = ((hours * 3600) + (minutes * 60)) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int DaysInMonth(int year, int month) => month switch
    {
        2 => (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    // Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March so that leap days come last.
    private static int DaysFromEpoch(int year, int month, int day)
    {
        var y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146097) + dayOfEra - 719468;
    }
}
