namespace PromHost.Exposition;

/// <summary>The escapes of expositions: <c>\\</c>, <c>\"</c> and <c>\n</c>; others stay as they are.</summary>
public static class ExpositionEscapes
{
    /// <summary>Puts what they stand for in the place of escapes.</summary>
    /// <param name="text">With or without escapes.</param>
    /// <param name="scratch">Where the result may be put; text without escapes is handed back itself.</param>
    public static ReadOnlySpan<byte> Remove(ReadOnlySpan<byte> text, Span<byte> scratch)
    {
        var at = text.IndexOf((byte)'\\');
        if (at < 0) return text;
        var result = text.Length <= scratch.Length ? scratch : new byte[text.Length];
        var count = 0;
        while (at >= 0 && at + 1 < text.Length)
        {
            text[..at].CopyTo(result[count..]);
            count += at;
            switch (text[at + 1])
            {
                case (byte)'n':
                    result[count++] = (byte)'\n';
                    break;
                case (byte)'"' or (byte)'\\':
                    result[count++] = text[at + 1];
                    break;
                default:
                    result[count++] = (byte)'\\';
                    result[count++] = text[at + 1];
                    break;
            }

            text = text[(at + 2)..];
            at = text.IndexOf((byte)'\\');
        }

        text.CopyTo(result[count..]);
        return result[..(count + text.Length)];
    }
}
