using System.Buffers.Text;
using System.Globalization;
using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Reads numbers as upstream does: whole numbers in Go's notation (<c>0x1f</c>, <c>017</c> is octal, <c>1_000</c>)
/// if possible, else floats.
/// </summary>
internal static class NumberText
{
    private const double NanosecondsPerSecond = 1e9;
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>Reads a number token.</summary>
    /// <param name="text">What the lexer took for a number.</param>
    /// <param name="value">The number; 0 or an infinity when there is an error.</param>
    /// <returns>Go's error text, or null.</returns>
    public static string? Read(ReadOnlySpan<byte> text, out double value)
    {
        if (TryReadWhole(text, out var whole))
        {
            value = whole;
            return null;
        }

        return ReadFloat(text, out value);
    }

    /// <summary>Reads a repetition count.</summary>
    /// <returns>Go's error text, or null.</returns>
    public static string? ReadCount(ReadOnlySpan<byte> text, out ulong value)
    {
        if (Utf8Parser.TryParse(text, out value, out var size) && size == text.Length) return null;
        var isRange = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
        value = isRange ? ulong.MaxValue : 0;
        return FormatError("ParseUint", text, isRange);
    }

    /// <summary>Reads a duration token; 0 when there is an error.</summary>
    /// <param name="text">What the lexer took for a duration.</param>
    /// <param name="seconds">The duration in seconds.</param>
    /// <returns>Upstream's error text, or null.</returns>
    public static string? ReadDuration(ReadOnlySpan<byte> text, out double seconds)
    {
        var isGood = PrometheusDuration.TryParse(Encoding.ASCII.GetString(text), out var ms, out var error);
        seconds = isGood ? (ms / 1000) + (ms % 1000 * NanosecondsPerMillisecond / NanosecondsPerSecond) : 0;
        return error;
    }

    /// <summary>Seconds as whole milliseconds, by way of whole nanoseconds as upstream counts.</summary>
    public static long ToMilliseconds(double seconds) =>
        (long)Math.Round(seconds * NanosecondsPerSecond, MidpointRounding.AwayFromZero) / NanosecondsPerMillisecond;

    private static bool TryReadWhole(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        if (text.Contains((byte)'_') && !HasGoodUnderscores(text)) return false;
        var radix = 10;
        if (IsHex(text))
        {
            radix = 16;
            text = text[2..];
        }
        else if (text.Length > 1 && text[0] == '0')
        {
            radix = 8;
        }

        foreach (var digit in text)
        {
            if (digit == '_') continue;
            if (!char.IsAsciiHexDigit((char)digit)) return false;
            var number = HexValue(digit);
            if (number >= radix || value > (long.MaxValue - number) / radix) return false;
            value = (value * radix) + number;
        }

        return !text.IsEmpty;
    }

    private static string? ReadFloat(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (Ascii.EqualsIgnoreCase(text, "inf"u8))
        {
            value = double.PositiveInfinity;
            return null;
        }

        if (Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            value = double.NaN;
            return null;
        }

        var plain = Encoding.ASCII.GetString(text);
        if (plain.Contains('_', StringComparison.Ordinal))
        {
            if (!HasGoodUnderscores(text)) return FormatError("ParseFloat", text, isRange: false);
            plain = plain.Replace("_", "", StringComparison.Ordinal);
        }

        const NumberStyles Styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(plain, Styles, CultureInfo.InvariantCulture, out value))
            return FormatError("ParseFloat", text, isRange: false);
        return double.IsInfinity(value) ? FormatError("ParseFloat", text, isRange: true) : null;
    }

    /// <summary>Does each underscore stand between digits, or between the base prefix and a digit?</summary>
    /// <param name="text">A number without its sign; not empty.</param>
    public static bool HasGoodUnderscores(ReadOnlySpan<byte> text)
    {
        var isHex = IsHex(text);
        var afterDigit = isHex;
        for (var i = isHex ? 2 : 0; i < text.Length; i++)
        {
            var isDigit = char.IsAsciiDigit((char)text[i]) || (isHex && char.IsAsciiHexDigit((char)text[i]));
            if (text[i] == '_' ? !afterDigit : !isDigit && i > 0 && text[i - 1] == '_') return false;
            afterDigit = isDigit;
        }

        return text[^1] != '_';
    }

    private static bool IsHex(ReadOnlySpan<byte> text) => text.Length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x';

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private static string FormatError(string function, ReadOnlySpan<byte> text, bool isRange) =>
        $"strconv.{function}: parsing {GoText.Quote(text)}: {(isRange ? "value out of range" : "invalid syntax")}";
}
