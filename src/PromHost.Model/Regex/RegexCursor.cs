using System.Text;

namespace PromHost.Model;

/// <summary>A reading position in a pattern, with the parts of the syntax that classes and the rest share.</summary>
internal sealed class RegexCursor
{
    public const string InvalidEscape = "invalid escape sequence";
    public const string InvalidRange = "invalid character class range";

    public RegexCursor(string pattern)
    {
        Pattern = pattern;
        for (int i = 0; i < pattern.Length; i++)
        {
            if (!char.IsSurrogate(pattern[i]))
                continue;
            if (i + 1 == pattern.Length || !char.IsSurrogatePair(pattern[i], pattern[i + 1]))
                throw new Re2SyntaxException("invalid UTF-8", pattern[i..]);
            i++;
        }
    }

    public string Pattern { get; }

    /// <summary>Index of the next UTF-16 unit.</summary>
    public int Position { get; set; }

    public bool AtEnd => Position >= Pattern.Length;

    public ReadOnlySpan<char> Rest => Pattern.AsSpan(Position);

    /// <summary>The unit at a distance from the position, or NUL beyond the end.</summary>
    public char Peek(int distance = 0)
    {
        int index = Position + distance;
        return index < Pattern.Length ? Pattern[index] : '\0';
    }

    public string TextFrom(int start) => Pattern[start..Position];

    public Re2SyntaxException Error(string reason, int start) => new(reason, TextFrom(start));

    /// <summary>Reads a code point; -1 at the end.</summary>
    public int NextRune()
    {
        if (AtEnd)
            return -1;
        Rune.DecodeFromUtf16(Rest, out Rune rune, out int length);
        Position += length;
        return rune.Value;
    }

    /// <summary>Reads an escape that stands for one code point, from its backslash.</summary>
    public int ReadEscapedRune()
    {
        int start = Position++;
        if (AtEnd)
            throw new Re2SyntaxException("trailing backslash at end of expression", "");
        int rune = NextRune();
        int value = rune switch
        {
            'a' => '\a',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            'x' => ReadHex(),
            '0' => ReadOctal(0),
            >= '1' and <= '7' when Peek() is >= '0' and <= '7' => ReadOctal(rune - '0'),
            < 0x80 when !char.IsAsciiLetterOrDigit((char)rune) => rune,
            _ => -1,
        };
        return value >= 0 ? value : throw Error(InvalidEscape, start);
    }

    /// <summary>Reads <c>\d</c> and its like; null (and nothing read) when there is none.</summary>
    public RuneSet? TryReadPerlClass(bool foldCase)
    {
        if (Peek() != '\\')
            return null;
        RuneSet? set = (char)(Peek(1) | 0x20) switch
        {
            'd' => RuneSet.Digits,
            's' => RuneSet.Spaces,
            'w' => RuneSet.WordCharacters,
            _ => null,
        };
        if (set is null || !char.IsAsciiLetter(Peek(1)))
            return null;
        if (foldCase)
            set = set.FoldCase();
        if (char.IsAsciiLetterUpper(Peek(1)))
            set = set.Negate();
        Position += 2;
        return set;
    }

    /// <summary>Reads <c>\pL</c> or <c>\p{Name}</c>; null (and nothing read) when there is none.</summary>
    public RuneSet? TryReadUnicodeClass(bool foldCase)
    {
        if (Peek() != '\\' || Peek(1) is not ('p' or 'P'))
            return null;
        int start = Position;
        bool negated = Peek(1) == 'P';
        Position += 2;
        string name;
        if (Peek() != '{')
        {
            NextRune();
            name = TextFrom(start + 2);
        }
        else
        {
            int end = Pattern.IndexOf('}', Position);
            if (end < 0)
                throw new Re2SyntaxException(InvalidRange, Pattern[start..]);
            name = Pattern[(Position + 1)..end];
            Position = end + 1;
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        RuneSet set = UnicodeClasses.Find(name, foldCase) ?? throw Error(InvalidRange, start);
        return negated ? set.Negate() : set;
    }

    private int ReadHex()
    {
        int value = 0;
        int digits = 0;
        if (Peek() != '{')
        {
            for (; digits < 2; digits++)
            {
                int rune = NextRune();
                if (rune > 0x7F || rune < 0 || !char.IsAsciiHexDigit((char)rune))
                    value = -1 << 8;
                else
                    value = (value << 4) + Convert.ToInt32(((char)rune).ToString(), 16);
            }

            return value;
        }

        Position++;
        while (true)
        {
            int rune = NextRune();
            if (rune == '}')
                return digits > 0 ? value : -1;
            if (rune is < 0 or > 0x7F || !char.IsAsciiHexDigit((char)rune))
                return -1;
            value = (value << 4) + Convert.ToInt32(((char)rune).ToString(), 16);
            digits++;
            if (value > RuneSet.MaxRune)
                return -1;
        }
    }

    /// <summary>Reads up to two more octal digits.</summary>
    private int ReadOctal(int value)
    {
        for (int i = 0; i < 2 && Peek() is >= '0' and <= '7'; i++)
            value = (value * 8) + (Pattern[Position++] - '0');
        return value;
    }
}
