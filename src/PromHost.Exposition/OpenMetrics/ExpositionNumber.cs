// Hot path: every value and timestamp of an exposition is read here.
using System.Buffers;
using System.Globalization;
using System.Text;
using PromHost.Model;

namespace PromHost.Exposition;

/// <summary>Numbers of expositions, in the notations of Go's <c>strconv.ParseFloat</c> before Go 1.13.</summary>
internal static class ExpositionNumber
{
    private static readonly SearchValues<byte> Decimal = SearchValues.Create("0123456789.eE+-"u8);

    /// <summary>Reads a number.</summary>
    /// <param name="text">All of it.</param>
    /// <param name="number">The number; any NaN becomes Prometheus's own.</param>
    /// <returns>What is wrong in Prometheus's words, or null.</returns>
    public static string? Read(ReadOnlySpan<byte> text, out double number)
    {
        if (text.IndexOfAnyExcept(Decimal) < 0 &&
            double.TryParse(
                text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out number) &&
            double.IsFinite(number))
            return null;
        return ReadOther(text, out number);
    }

    private static string? ReadOther(ReadOnlySpan<byte> text, out double number)
    {
        var isNegative = text is [(byte)'-', ..];
        var unsigned = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        number = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8) || Ascii.EqualsIgnoreCase(unsigned, "infinity"u8)) return null;
        if (Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            number = BitConverter.Int64BitsToDouble(StaleMarker.NormalNaNBits);
            return null;
        }

        if (text.IndexOfAny("pP_"u8) >= 0) return "unsupported character in float";
        var isTooLarge = text.IndexOfAnyExcept(Decimal) < 0 && double.TryParse(
            text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _);
        var problem = isTooLarge ? "value out of range" : "invalid syntax";
        return $"strconv.ParseFloat: parsing {GoText.Quote(text)}: {problem}";
    }
}
