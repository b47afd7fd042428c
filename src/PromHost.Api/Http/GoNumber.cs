using System.Buffers;
using System.Globalization;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>Numbers in parameters, read as Go's strconv reads them.</summary>
internal static class GoNumber
{
    private static readonly SearchValues<char> FloatCharacters = SearchValues.Create("0123456789.eE+-");

    /// <summary>Reads a decimal float, or a spelling of infinity or NaN; an overflow is no number.</summary>
    public static bool TryParseFloat(string text, out double value)
    {
        value = 0;
        var digits = text.AsSpan();
        if (digits is ['+' or '-', ..]) digits = digits[1..];
        if (digits.IsEmpty) return false;
        if (!char.IsAsciiDigit(digits[0]) && digits[0] != '.') return TryParseWord(text, digits, out value);
        if (digits.ContainsAnyExcept(FloatCharacters)) return false;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint |
            NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>Reads a whole number.</summary>
    /// <param name="text">A sign and digits.</param>
    /// <param name="value">The number.</param>
    /// <param name="error">Go's text when it is none, else null.</param>
    public static bool TryParseInteger(string text, out long value, out string? error)
    {
        error = null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) &&
            !text.Contains('\0', StringComparison.Ordinal)) return true;
        var digits = text.AsSpan();
        if (digits is ['+' or '-', ..]) digits = digits[1..];
        var cause = digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9')
            ? "invalid syntax"
            : "value out of range";
        error = $"strconv.Atoi: parsing {GoText.Quote(text)}: {cause}";
        return false;
    }

    private static bool TryParseWord(string text, ReadOnlySpan<char> word, out double value)
    {
        value = 0;
        if (word.Equals("inf", StringComparison.OrdinalIgnoreCase) ||
            word.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (!text.Equals("nan", StringComparison.OrdinalIgnoreCase)) return false;
        value = double.NaN;
        return true;
    }
}
