using System.Buffers;
using System.Globalization;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// Sizes in Prometheus's notation: <c>512MB</c>, <c>1GiB512MiB</c>. All units are powers of 1024, whichever way they
/// are written.
/// </summary>
public static class Base2Bytes
{
    private const string Prefixes = "KMGTPE";

    private static readonly SearchValues<char> NumberChars = SearchValues.Create("0123456789.");

    /// <summary>Reads a size.</summary>
    /// <param name="text">Numbers with units, such as <c>1.5GB</c>; a bare <c>0</c> is allowed.</param>
    /// <param name="sizeBytes">The size; may be negative.</param>
    /// <param name="error">Prometheus's text when it is none, else null.</param>
    public static bool TryParse(string text, out long sizeBytes, out string? error) =>
        TryParse(text, "iB", out sizeBytes, out error) || TryParse(text, "B", out sizeBytes, out error);

    /// <summary>Writes a size as Prometheus shows it: <c>512MiB</c>, <c>1GiB1B</c>.</summary>
    /// <param name="sizeBytes">Not negative.</param>
    public static string Format(long sizeBytes)
    {
        if (sizeBytes == 0) return "0B";
        var text = new StringBuilder();
        for (var power = Prefixes.Length; power >= 0; power--)
        {
            var count = (sizeBytes >> (10 * power)) & (power == Prefixes.Length ? long.MaxValue : 1023);
            if (count == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"{count}");
            if (power > 0) text.Append(Prefixes[power - 1]).Append('i');
            text.Append('B');
        }

        return text.ToString();
    }

    private static bool TryParse(string text, string suffix, out long sizeBytes, out string? error)
    {
        sizeBytes = 0;
        error = null;
        var rest = text.AsSpan();
        var isNegative = rest.StartsWith("-", StringComparison.Ordinal);
        if (isNegative || rest.StartsWith("+", StringComparison.Ordinal)) rest = rest[1..];
        if (rest is "0") return true;
        if (rest.IsEmpty) return Fail($"units: invalid {text}", out error);
        var total = 0d;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberChars);
            var number = digits < 0 ? rest : rest[..digits];
            if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
                return Fail($"units: invalid {text}", out error);
            rest = rest[number.Length..];
            var end = rest.IndexOfAny(NumberChars);
            var unit = end < 0 ? rest : rest[..end];
            if (unit.IsEmpty) return Fail($"units: missing unit in {text}", out error);
            if (!TryScale(unit, suffix, out var scale)) return Fail($"units: unknown unit {unit} in {text}", out error);
            total += count * scale;
            rest = rest[unit.Length..];
        }

        if (total >= long.MaxValue) return Fail("units: overflow parsing unit", out error);
        sizeBytes = isNegative ? -(long)total : (long)total;
        return true;
    }

    private static bool TryScale(ReadOnlySpan<char> unit, string suffix, out double scale)
    {
        scale = 1;
        if (unit is "B") return true;
        var power = Prefixes.IndexOf(unit[0], StringComparison.Ordinal) + 1;
        scale = Math.ScaleB(1, 10 * power);
        return power > 0 && unit[1..].SequenceEqual(suffix);
    }

    private static bool Fail(string text, out string error)
    {
        error = text;
        return false;
    }
}
