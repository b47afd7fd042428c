// Hot path: every byte of an exposition is looked at here.
using System.Buffers;

namespace PromHost.Exposition;

/// <summary>
/// Cuts OpenMetrics text into tokens. Where text fits nothing, <see cref="Position"/> stays at the byte that does not
/// fit: messages end there.
/// </summary>
/// <param name="text">The text.</param>
internal ref struct OpenMetricsLexer(ReadOnlySpan<byte> text)
{
    private static readonly SearchValues<byte> AfterName =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"u8);

    private static readonly SearchValues<byte> AfterMetricName =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789"u8);

    private readonly ReadOnlySpan<byte> _text = text;
    private OpenMetricsLexerState _state;

    /// <summary>All of the text.</summary>
    public readonly ReadOnlySpan<byte> Text => _text;

    /// <summary>Where the last token begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where the last token ends.</summary>
    public int Position { get; private set; }

    /// <summary>The last token.</summary>
    public readonly ReadOnlySpan<byte> Token => _text[Start..Position];

    /// <summary>Reads the next token.</summary>
    public OpenMetricsToken Next()
    {
        if (Position >= _text.Length) return OpenMetricsToken.Eof;
        Start = Position;
        return _state switch
        {
            OpenMetricsLexerState.LineStart => LineStart(),
            OpenMetricsLexerState.Keyword => Keyword(),
            OpenMetricsLexerState.FamilyName => FamilyName(),
            OpenMetricsLexerState.FamilyText => FamilyText(),
            OpenMetricsLexerState.Labels => Labels(OpenMetricsLexerState.Value, OpenMetricsLexerState.LabelValue),
            OpenMetricsLexerState.LabelValue =>
                Quoted(OpenMetricsToken.LabelValue, OpenMetricsLexerState.Labels, takesNul: true),
            OpenMetricsLexerState.Value => _text[Position] == (byte)'{'
                ? Take(1, OpenMetricsToken.BraceOpen, OpenMetricsLexerState.Labels)
                : Word(OpenMetricsToken.Value, OpenMetricsLexerState.Timestamp),
            OpenMetricsLexerState.Timestamp => Timestamp(),
            OpenMetricsLexerState.ExemplarLabels =>
                Labels(OpenMetricsLexerState.ExemplarValue, OpenMetricsLexerState.ExemplarValue),
            OpenMetricsLexerState.ExemplarValue => _text[Position] == (byte)'"'
                ? Quoted(OpenMetricsToken.LabelValue, OpenMetricsLexerState.ExemplarLabels)
                : Word(OpenMetricsToken.Value, OpenMetricsLexerState.ExemplarTimestamp),
            _ => _text[Position] == (byte)'\n'
                ? Take(1, OpenMetricsToken.Linebreak, OpenMetricsLexerState.LineStart)
                : Word(OpenMetricsToken.Timestamp, OpenMetricsLexerState.ExemplarTimestamp),
        };
    }

    private static bool IsLetter(byte one) => (byte)((one | 0x20) - 'a') < 26 || one == '_';

    private OpenMetricsToken Take(int count, OpenMetricsToken token, OpenMetricsLexerState state)
    {
        Position += count;
        _state = state;
        return token;
    }

    private OpenMetricsToken LineStart()
    {
        var first = _text[Position];
        if (IsLetter(first) || first == ':')
            return Name(AfterMetricName, OpenMetricsToken.MetricName, OpenMetricsLexerState.Value);
        if (first == '{') return Take(1, OpenMetricsToken.BraceOpen, OpenMetricsLexerState.Labels);
        if (first != '#') return OpenMetricsToken.Invalid;
        Position++;
        if (Position >= _text.Length || _text[Position] != ' ') return OpenMetricsToken.Invalid;
        Position++;
        _state = OpenMetricsLexerState.Keyword;
        return Keyword();
    }

    private OpenMetricsToken Keyword()
    {
        var rest = _text[Position..];
        if (rest.StartsWith("HELP "u8)) return Take(5, OpenMetricsToken.Help, OpenMetricsLexerState.FamilyName);
        if (rest.StartsWith("TYPE "u8)) return Take(5, OpenMetricsToken.Type, OpenMetricsLexerState.FamilyName);
        if (rest.StartsWith("UNIT "u8)) return Take(5, OpenMetricsToken.Unit, OpenMetricsLexerState.FamilyName);
        if (rest.StartsWith("EOF"u8))
        {
            var size = rest.Length > 3 && rest[3] == '\n' ? 4 : 3;
            return Take(size, OpenMetricsToken.EofWord, OpenMetricsLexerState.LineStart);
        }

        // As far as it may become a keyword.
        var fits = Math.Max(
            Math.Max(rest.CommonPrefixLength("HELP "u8), rest.CommonPrefixLength("TYPE "u8)),
            Math.Max(rest.CommonPrefixLength("UNIT "u8), rest.CommonPrefixLength("EOF"u8)));
        Position += fits;
        return OpenMetricsToken.Invalid;
    }

    private OpenMetricsToken FamilyName()
    {
        var first = _text[Position];
        if (first == '"') return Quoted(OpenMetricsToken.MetricName, OpenMetricsLexerState.FamilyText);
        return IsLetter(first) || first == ':'
            ? Name(AfterMetricName, OpenMetricsToken.MetricName, OpenMetricsLexerState.FamilyText)
            : OpenMetricsToken.Invalid;
    }

    private OpenMetricsToken FamilyText()
    {
        if (_text[Position] != ' ') return OpenMetricsToken.Invalid;
        var end = _text[Position..].IndexOf((byte)'\n');
        if (end >= 0) return Take(end + 1, OpenMetricsToken.Text, OpenMetricsLexerState.LineStart);
        Position = _text.Length;
        return OpenMetricsToken.Invalid;
    }

    private OpenMetricsToken Labels(OpenMetricsLexerState afterBrace, OpenMetricsLexerState afterEqual)
    {
        var first = _text[Position];
        if (IsLetter(first)) return Name(AfterName, OpenMetricsToken.LabelName, _state);
        return first switch
        {
            (byte)'"' => Quoted(OpenMetricsToken.QuotedString, _state),
            (byte)'}' => Take(1, OpenMetricsToken.BraceClose, afterBrace),
            (byte)'=' => Take(1, OpenMetricsToken.Equal, afterEqual),
            (byte)',' => Take(1, OpenMetricsToken.Comma, _state),
            _ => OpenMetricsToken.Invalid,
        };
    }

    private OpenMetricsToken Timestamp()
    {
        var rest = _text[Position..];
        if (rest[0] == '\n') return Take(1, OpenMetricsToken.Linebreak, OpenMetricsLexerState.LineStart);
        return rest.StartsWith(" # {"u8)
            ? Take(4, OpenMetricsToken.ExemplarStart, OpenMetricsLexerState.ExemplarLabels)
            : Word(OpenMetricsToken.Timestamp, OpenMetricsLexerState.Timestamp);
    }

    // A space and what follows it up to the next one.
    private OpenMetricsToken Word(OpenMetricsToken token, OpenMetricsLexerState state)
    {
        if (_text[Position] != ' ') return OpenMetricsToken.Invalid;
        var end = _text[(Position + 1)..].IndexOfAny((byte)' ', (byte)'\n', (byte)0);
        if (end < 0) end = _text.Length - Position - 1;
        if (end > 0) return Take(end + 1, token, state);
        Position++;
        return OpenMetricsToken.Invalid;
    }

    private OpenMetricsToken Name(SearchValues<byte> more, OpenMetricsToken token, OpenMetricsLexerState state)
    {
        var end = _text[Position..].IndexOfAnyExcept(more);
        return Take(end < 0 ? _text.Length - Position : end, token, state);
    }

    // Text in quotes, with escapes, in one line.
    private OpenMetricsToken Quoted(OpenMetricsToken token, OpenMetricsLexerState state, bool takesNul = false)
    {
        if (_text[Position] != '"') return OpenMetricsToken.Invalid;
        for (var at = Position + 1; at < _text.Length; at++)
        {
            var rest = _text[at..];
            var special = takesNul ? rest.IndexOfAny("\"\\\n"u8) : rest.IndexOfAny("\"\\\n\0"u8);
            if (special < 0) break;
            at += special;
            if (_text[at] == '"') return Take(at + 1 - Position, token, state);
            // What is escaped is looked at later.
            var isEscape = _text[at] == '\\' && at + 1 < _text.Length && _text[at + 1] is not ((byte)'\n' or 0);
            if (isEscape)
            {
                at++;
                continue;
            }

            Position = at;
            return OpenMetricsToken.Invalid;
        }

        Position = _text.Length;
        return OpenMetricsToken.Invalid;
    }
}
