namespace PromHost.Model;

/// <summary>Reads bracketed classes such as <c>[^a-z\d[:space:]]</c>.</summary>
internal static class RegexClassParser
{
    /// <summary>Reads a class from its opening bracket.</summary>
    public static RuneSet Read(RegexCursor cursor, bool foldCase)
    {
        int start = cursor.Position++;
        bool negated = cursor.Peek() == '^';
        if (negated)
            cursor.Position++;

        // What the case is folded of, and what is taken as it is (named classes fold before they are negated).
        RuneSetBuilder plain = new();
        RuneSetBuilder folding = new();
        for (bool first = true; first || cursor.Peek() != ']' || cursor.AtEnd; first = false)
        {
            RuneSet? named = TryReadPosixClass(cursor, foldCase)
                ?? cursor.TryReadUnicodeClass(foldCase)
                ?? cursor.TryReadPerlClass(foldCase);
            if (named is not null)
                plain.Add(named);
            else
                ReadRange(cursor, start, foldCase ? folding : plain);
        }

        cursor.Position++;
        if (foldCase)
            plain.Add(folding.ToSet().FoldCase());
        RuneSet set = plain.ToSet();
        return negated ? set.Negate() : set;
    }

    private static void ReadRange(RegexCursor cursor, int classStart, RuneSetBuilder target)
    {
        int start = cursor.Position;
        int first = ReadRune(cursor, classStart);
        int last = first;
        if (cursor.Peek() == '-' && cursor.Rest.Length >= 2 && cursor.Peek(1) != ']')
        {
            cursor.Position++;
            last = ReadRune(cursor, classStart);
            if (last < first)
                throw cursor.Error(RegexCursor.InvalidRange, start);
        }

        target.Add(first, last);
    }

    private static int ReadRune(RegexCursor cursor, int classStart)
    {
        if (cursor.AtEnd)
            throw cursor.Error("missing closing ]", classStart);
        return cursor.Peek() == '\\' ? cursor.ReadEscapedRune() : cursor.NextRune();
    }

    private static RuneSet? TryReadPosixClass(RegexCursor cursor, bool foldCase)
    {
        if (cursor.Peek() != '[' || cursor.Peek(1) != ':')
            return null;
        int length = cursor.Rest[2..].IndexOf(":]", StringComparison.Ordinal);
        if (length < 0)
            return null;
        int start = cursor.Position;
        ReadOnlySpan<char> name = cursor.Rest.Slice(2, length);
        bool negated = name.StartsWith('^');
        RuneSet? set = FindPosixClass(negated ? name[1..] : name);
        cursor.Position += length + 4;
        if (set is null)
            throw cursor.Error(RegexCursor.InvalidRange, start);
        if (foldCase)
            set = set.FoldCase();
        return negated ? set.Negate() : set;
    }

    private static RuneSet? FindPosixClass(ReadOnlySpan<char> name)
    {
        if (name is "word")
            return RuneSet.WordCharacters;
        if (name is "digit")
            return RuneSet.Digits;
        int[]? bounds = name switch
        {
            "alnum" => ['0', '9', 'A', 'Z', 'a', 'z'],
            "alpha" => ['A', 'Z', 'a', 'z'],
            "ascii" => [0, 0x7F],
            "blank" => ['\t', '\t', ' ', ' '],
            "cntrl" => [0, 0x1F, 0x7F, 0x7F],
            "graph" => ['!', '~'],
            "lower" => ['a', 'z'],
            "print" => [' ', '~'],
            "punct" => ['!', '/', ':', '@', '[', '`', '{', '~'],
            "space" => ['\t', '\r', ' ', ' '],
            "upper" => ['A', 'Z'],
            "xdigit" => ['0', '9', 'A', 'F', 'a', 'f'],
            _ => null,
        };
        return bounds is null ? null : new RuneSet(bounds);
    }
}
