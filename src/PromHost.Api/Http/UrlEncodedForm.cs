using System.Text;

namespace PromHost.Api;

/// <summary>
/// Reads <c>name=value&amp;name=value</c>, the form of query strings and urlencoded bodies, with any number of values.
/// A damaged pair is left out and remembered, as Go's parser does.
/// </summary>
internal static class UrlEncodedForm
{
    /// <summary>Appends the pairs of a text to a list.</summary>
    /// <param name="text">Without the leading <c>?</c>.</param>
    /// <param name="pairs">Where to append.</param>
    /// <returns>What is wrong with the first damaged pair, or null.</returns>
    public static string? Parse(ReadOnlySpan<byte> text, List<KeyValuePair<string, string>> pairs)
    {
        string? error = null;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'&');
            var pair = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (pair.Contains((byte)';'))
            {
                error ??= "invalid semicolon separator in query";
                continue;
            }

            if (pair.IsEmpty) continue;
            var split = pair.IndexOf((byte)'=');
            var name = split < 0 ? pair : pair[..split];
            var value = split < 0 ? default : pair[(split + 1)..];
            if (TryDecode(name, plusIsSpace: true, out var nameBytes, out var damaged) &&
                TryDecode(value, plusIsSpace: true, out var valueBytes, out damaged))
            {
                pairs.Add(new(Encoding.UTF8.GetString(nameBytes), Encoding.UTF8.GetString(valueBytes)));
                continue;
            }

            error ??= $"invalid URL escape \"{damaged}\"";
        }

        return error;
    }

    /// <summary>Undoes percent-encoding.</summary>
    /// <param name="text">The encoded bytes.</param>
    /// <param name="plusIsSpace">Is a plus sign a space? In forms, not in paths.</param>
    /// <param name="decoded">The bytes; may be no UTF-8.</param>
    /// <param name="damaged">The first bad escape when the answer is false.</param>
    public static bool TryDecode(ReadOnlySpan<byte> text, bool plusIsSpace, out byte[] decoded, out string damaged)
    {
        damaged = "";
        decoded = new byte[text.Length];
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (b == '+' && plusIsSpace)
            {
                b = (byte)' ';
            }
            else if (b == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[i + 1]) ||
                    !char.IsAsciiHexDigit((char)text[i + 2]))
                {
                    damaged = Encoding.UTF8.GetString(text[i..Math.Min(i + 3, text.Length)]);
                    return false;
                }

                b = (byte)((HexValue(text[i + 1]) << 4) | HexValue(text[i + 2]));
                i += 2;
            }

            decoded[written++] = b;
        }

        Array.Resize(ref decoded, written);
        return true;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
