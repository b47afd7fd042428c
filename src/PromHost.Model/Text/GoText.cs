using System.Globalization;
using System.Text;

namespace PromHost.Model;

/// <summary>Text as Go writes it, which Prometheus's messages and answers follow.</summary>
public static class GoText
{
    /// <summary>As Go's <c>strconv.Quote</c> writes it; bytes that are not UTF-8 become <c>\xNN</c>.</summary>
    public static string Quote(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(utf8.Length + 2).Append('"');
        while (!utf8.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(utf8, out var rune, out var size);
            if (status != System.Buffers.OperationStatus.Done)
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{utf8[0]:x2}");
                utf8 = utf8[1..];
                continue;
            }

            AppendRune(text, rune);
            utf8 = utf8[size..];
        }

        return text.Append('"').ToString();
    }

    /// <summary>A quoted literal as Go's <c>strconv.Quote</c> writes it.</summary>
    public static string Quote(string text) => Quote(Encoding.UTF8.GetBytes(text));

    private static void AppendRune(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
        {
            case '"': text.Append("\\\""); break;
            case '\\': text.Append("\\\\"); break;
            case '\a': text.Append("\\a"); break;
            case '\b': text.Append("\\b"); break;
            case '\f': text.Append("\\f"); break;
            case '\n': text.Append("\\n"); break;
            case '\r': text.Append("\\r"); break;
            case '\t': text.Append("\\t"); break;
            case '\v': text.Append("\\v"); break;
            default:
                if (IsPrintable(rune)) text.Append(rune.ToString());
                else if (rune.Value is < ' ' or 0x7f) text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                else if (rune.Value < 0x10000) text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                else text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                break;
        }
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or
            UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        _ => true,
    };
}
