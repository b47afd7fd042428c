using System.Globalization;

namespace PromHost.Conformance.Tests;

/// <summary>Numbers in the notation of scripts: an integer with Go's base prefixes, or else a float.</summary>
internal static class GoNumber
{
    /// <summary>Reads a number.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="value">The number.</param>
    public static bool TryParse(string text, out double value) =>
        TryParseInteger(text, out value) || TryParseFloat(text, out value);

    /// <summary>Reads a float.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="value">The number.</param>
    public static bool TryParseFloat(string text, out double value)
    {
        var isSigned = text.Length > 0 && text[0] is '+' or '-';
        var word = (isSigned ? text[1..] : text).ToLowerInvariant();
        if (word is "inf" or "infinity")
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (word is "nan")
        {
            value = double.NaN;
            return !isSigned;
        }

        const NumberStyles style =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, style, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseInteger(string text, out double value)
    {
        value = 0;
        var isNegative = text.StartsWith('-');
        var digits = (isNegative || text.StartsWith('+') ? text[1..] : text).ToLowerInvariant();
        var numberBase = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            numberBase = digits[1] switch { 'x' => 16, 'b' => 2, _ => 8 };
            digits = digits[1] is 'x' or 'b' or 'o' ? digits[2..] : digits[1..];
        }

        if (digits.Length == 0) return false;
        Int128 number = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : int.MaxValue;
            if (digit >= numberBase) return false;
            number = (number * numberBase) + digit;
            if (number > (Int128)long.MaxValue + (isNegative ? 1 : 0)) return false;
        }

        value = (double)(isNegative ? -number : number);
        return true;
    }
}
