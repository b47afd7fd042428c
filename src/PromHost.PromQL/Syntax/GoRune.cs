using System.Globalization;
using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Single runes as Go prints them in error texts.</summary>
internal static class GoRune
{
    /// <summary>Go's <c>%q</c> of a rune: <c>'x'</c>. What is no rune shows as U+FFFD.</summary>
    public static string Quote(int rune)
    {
        if (rune == '\'') return "'\\''";
        if (rune == '"') return "'\"'";
        var quoted = GoText.Quote(AsRune(rune).ToString());
        return "'" + quoted[1..^1] + "'";
    }

    /// <summary>Go's <c>%#U</c> of a rune: <c>U+0063 'c'</c>.</summary>
    public static string Describe(int rune)
    {
        var valid = AsRune(rune);
        var text = string.Create(CultureInfo.InvariantCulture, $"U+{valid.Value:X4}");
        var quoted = GoText.Quote(valid.ToString());
        var isPrintable = quoted.Length == valid.Utf16SequenceLength + 2 || rune is '"' or '\\';
        return isPrintable ? text + " '" + valid.ToString() + "'" : text;
    }

    private static Rune AsRune(int rune) => Rune.IsValid(rune) ? new Rune(rune) : Rune.ReplacementChar;
}
