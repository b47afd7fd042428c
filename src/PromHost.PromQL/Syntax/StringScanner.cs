namespace PromHost.PromQL;

/// <summary>Reads string literals: in quotes with Go's escapes, or raw between backquotes.</summary>
internal static class StringScanner
{
    private const int LargestRune = 0x10FFFF;
    private const string NotTerminated = "escape sequence not terminated";

    /// <summary>Moves over a literal whose opening quote has been read; the closing one included.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Scan(ref TextCursor cursor, int quote)
    {
        while (true)
        {
            var rune = cursor.Next();
            if (rune == quote) return null;
            switch (rune)
            {
                case '\uFFFD': return "invalid UTF-8 rune";
                case TextCursor.EndOfText when quote == '`': return "unterminated raw string";
                case TextCursor.EndOfText: return "unterminated quoted string";
                case '\n' when quote != '`': return "unterminated quoted string";
                case '\\' when quote != '`':
                    if (ScanEscape(ref cursor, quote) is { } error) return error;
                    break;
            }
        }
    }

    /// <summary>The bytes that a well-formed literal, quotes included, stands for.</summary>
    public static byte[] Unquote(ReadOnlySpan<byte> literal)
    {
        var inner = literal[1..^1];
        if (literal[0] == '`' || !inner.Contains((byte)'\\')) return inner.ToArray();
        var value = new byte[inner.Length];
        var written = 0;
        while (!inner.IsEmpty)
        {
            if (inner[0] != '\\')
            {
                value[written++] = inner[0];
                inner = inner[1..];
                continue;
            }

            inner = inner[Unescape(inner, value, ref written)..];
        }

        return value[..written];
    }

    private static string? ScanEscape(ref TextCursor cursor, int quote)
    {
        var rune = cursor.Next();
        if (rune == quote) return null;
        int digits, radix = 16, largest = LargestRune;
        switch (rune)
        {
            case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\\': return null;
            case >= '0' and <= '7': (digits, radix, largest) = (3, 8, byte.MaxValue); break;
            case 'x': (digits, largest) = (2, byte.MaxValue); break;
            case 'u': digits = 4; break;
            case 'U': digits = 8; break;
            case TextCursor.EndOfText: return NotTerminated;
            default: return "unknown escape sequence " + GoRune.Describe(rune);
        }

        if (radix == 16) rune = cursor.Next();
        uint value = 0;
        for (; digits > 0; digits--)
        {
            var digit = DigitOf(rune);
            if (digit >= radix)
            {
                return rune == TextCursor.EndOfText
                    ? NotTerminated
                    : $"illegal character {GoRune.Describe(rune)} in escape sequence";
            }

            value = (value * (uint)radix) + (uint)digit;
            if (digits > 1) rune = cursor.Next();
        }

        return value > largest || value is >= 0xD800 and < 0xE000
            ? "escape sequence is an invalid Unicode code point"
            : null;
    }

    private static int Unescape(ReadOnlySpan<byte> escape, Span<byte> value, ref int written)
    {
        var (first, digits, radix) = escape[1] switch
        {
            >= (byte)'0' and <= (byte)'7' => (1, 3, 8),
            (byte)'x' => (2, 2, 16),
            (byte)'u' => (2, 4, 16),
            (byte)'U' => (2, 8, 16),
            _ => (1, 1, 0),
        };
        if (radix == 0)
        {
            value[written++] = escape[1] switch
            {
                (byte)'a' => (byte)'\a',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'v' => (byte)'\v',
                _ => escape[1],
            };
            return 2;
        }

        var number = 0;
        foreach (var digit in escape.Slice(first, digits)) number = (number * radix) + DigitOf(digit);
        if (digits <= 3) value[written++] = (byte)number;
        else written += new System.Text.Rune(number).EncodeToUtf8(value[written..]);
        return first + digits;
    }

    private static int DigitOf(int rune) => rune is >= 0 and < 0x80 && char.IsAsciiHexDigit((char)rune)
        ? Convert.ToInt32(((char)rune).ToString(), 16)
        : 16;
}
