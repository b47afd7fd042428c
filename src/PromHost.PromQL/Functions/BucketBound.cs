using System.Globalization;
using System.Text;

namespace PromHost.PromQL;

/// <summary>Upper bounds of classic buckets, as they stand in the label <c>le</c>.</summary>
internal static class BucketBound
{
    /// <summary>Reads a bound in the notations of Go's <c>strconv.ParseFloat</c>, hexadecimal ones included.</summary>
    /// <returns>False for anything else, and for numbers too large for a double.</returns>
    public static bool TryParse(ReadOnlySpan<byte> label, out double bound)
    {
        bound = 0;
        if (label.IsEmpty || label.Length > 512) return false;
        var text = Encoding.UTF8.GetString(label);
        var isNegative = text[0] == '-';
        var isSigned = text[0] is '-' or '+';
        var unsigned = isSigned ? text[1..] : text;
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) ||
            unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            bound = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            bound = double.NaN;
            return true;
        }

        if (unsigned.Contains('_', StringComparison.Ordinal))
        {
            if (!NumberText.HasGoodUnderscores(label[(isSigned ? 1 : 0)..])) return false;
            unsigned = unsigned.Replace("_", "", StringComparison.Ordinal);
        }

        var isRead = unsigned.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? TryParseHexadecimal(unsigned[2..], out bound)
            : !unsigned.StartsWith('+') && !unsigned.StartsWith('-') && double.TryParse(
                unsigned,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out bound);
        if (isNegative) bound = -bound;
        return isRead && double.IsFinite(bound);
    }

    // Digits with at most one point, then p and a decimal exponent. Bounds have few digits; they are added up exactly
    // as long as they fit a double.
    private static bool TryParseHexadecimal(string text, out double value)
    {
        value = 0;
        var exponentAt = text.IndexOfAny(['p', 'P']);
        if (exponentAt < 0 || !int.TryParse(
            text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
        {
            return false;
        }

        var digits = 0;
        var hasPoint = false;
        foreach (var c in text.AsSpan(0, exponentAt))
        {
            if (c == '.' && !hasPoint)
            {
                hasPoint = true;
                continue;
            }

            if (!char.IsAsciiHexDigit(c)) return false;
            value = value * 16 + Convert.ToInt32(c.ToString(), 16);
            if (hasPoint) exponent -= 4;
            digits++;
        }

        value = Math.ScaleB(value, exponent);
        return digits > 0;
    }
}
