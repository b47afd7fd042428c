using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Cuts a text into tokens. What a byte means depends on where it stands: outside or inside braces, inside brackets
/// (durations), in the values of a series of a test script, in a histogram there.
/// </summary>
internal sealed class Lexer
{
    private readonly bool _inSeries;
    private TextCursor _cursor;
    private Mode _mode = Mode.Statements;
    private Token _token;
    private int _start;
    private int _parenDepth;
    private bool _isBraceOpen;
    private bool _isBracketOpen;
    private bool _hasColon;
    private bool _hasDuration;
    private bool _isInHistogram;
    private bool _isAfterHistogram;

    /// <summary>Creates a lexer.</summary>
    /// <param name="text">UTF-8, or any bytes; not copied.</param>
    /// <param name="inSeries">Is it a series in the notation of test scripts?</param>
    public Lexer(byte[] text, bool inSeries)
    {
        _cursor = new TextCursor(text);
        _inSeries = inSeries;
    }

    private enum Mode
    {
        Statements,
        Braces,
        Brackets,
        Values,
        Number,
        Done,
    }

    /// <summary>The message of the last <see cref="TokenKind.Error"/>.</summary>
    public string Error { get; private set; } = "";

    /// <summary>The start of the last token that <see cref="Next"/> gave, comments included.</summary>
    public int LastStart { get; private set; }

    /// <summary>The next token. After the end of the text or an error there are only ends.</summary>
    public Token Next()
    {
        if (_mode == Mode.Done) return new Token(TokenKind.End, _start, _start);
        do
        {
            _token = default;
            Scan();
        }
        while (_token.Kind is TokenKind.End);

        LastStart = _token.Start;
        return _token;
    }

    private void Scan()
    {
        switch (_mode)
        {
            case Mode.Brackets: ScanBrackets(); break;
            case Mode.Values: ScanValues(); break;
            case Mode.Number: ScanNumber(Mode.Statements); break;
            default:
                if (_isInHistogram || _isAfterHistogram) ScanHistogram();
                else if (_isBraceOpen) ScanBraces();
                else ScanStatement();
                break;
        }
    }

    private void Emit(TokenKind kind, Mode next)
    {
        _token = new Token(kind, _start, _cursor.Position);
        _start = _cursor.Position;
        _mode = next;
    }

    private void Fail(string message)
    {
        Error = message;
        _token = new Token(TokenKind.Error, _start, _cursor.Text.Length);
        _mode = Mode.Done;
    }

    private void Fail(string message, int rune) => Fail(message + GoRune.Quote(rune));

    private void ScanStatement()
    {
        if (_cursor.Peek() == '#')
        {
            ScanComment();
            return;
        }

        var rune = _cursor.Next();
        switch (rune)
        {
            case TextCursor.EndOfText: ScanEnd(); break;
            case ',': Emit(TokenKind.Comma, Mode.Statements); break;
            case ' ' or '\t' or '\n' or '\r': SkipSpaces(); break;
            case '*': Emit(TokenKind.Multiply, Mode.Statements); break;
            case '/': Emit(TokenKind.Divide, Mode.Statements); break;
            case '%': Emit(TokenKind.Modulo, Mode.Statements); break;
            case '+': Emit(TokenKind.Add, Mode.Statements); break;
            case '-': Emit(TokenKind.Subtract, Mode.Statements); break;
            case '^': Emit(TokenKind.Power, Mode.Statements); break;
            case '@': Emit(TokenKind.At, Mode.Statements); break;
            case '=' or '!' or '<' or '>': ScanComparison(rune); break;
            case '"' or '\'' or '`': ScanString(rune); break;
            case '(' or ')': ScanParen(rune, Mode.Statements); break;
            case '{':
                Emit(TokenKind.LeftBrace, Mode.Statements);
                _isBraceOpen = true;
                break;
            case '[' or ']': ScanBracket(rune); break;
            default: ScanWordOrNumber(rune); break;
        }
    }

    private void ScanEnd()
    {
        if (_parenDepth != 0) Fail("unclosed left parenthesis");
        else if (_isBracketOpen) Fail("unclosed left bracket");
        else Emit(TokenKind.EndOfInput, Mode.Done);
    }

    private void ScanComparison(int rune)
    {
        var next = _cursor.Peek();
        switch (rune, next)
        {
            case ('=', '='): EmitPair(TokenKind.Equal); break;
            case ('=', '~'): Fail("unexpected character after '=': ", next); break;
            case ('=', _): Emit(TokenKind.Assign, Mode.Statements); break;
            case ('!', '='): EmitPair(TokenKind.NotEqual); break;
            case ('!', _): Fail("unexpected character after '!': ", next); break;
            case ('<', '='): EmitPair(TokenKind.LessOrEqual); break;
            case ('<', '/'): EmitPair(TokenKind.TrimUpper); break;
            case ('<', _): Emit(TokenKind.Less, Mode.Statements); break;
            case (_, '='): EmitPair(TokenKind.GreaterOrEqual); break;
            case (_, '/'): EmitPair(TokenKind.TrimLower); break;
            default: Emit(TokenKind.Greater, Mode.Statements); break;
        }
    }

    private void EmitPair(TokenKind kind)
    {
        _cursor.Next();
        Emit(kind, Mode.Statements);
    }

    private void ScanParen(int rune, Mode next)
    {
        if (rune == '(')
        {
            Emit(TokenKind.LeftParen, next);
            _parenDepth++;
            return;
        }

        Emit(TokenKind.RightParen, next);
        _parenDepth--;
        if (_parenDepth < 0) Fail("unexpected right parenthesis ", rune);
    }

    private void ScanBracket(int rune)
    {
        if (rune == '[')
        {
            if (_isBracketOpen)
            {
                Fail("unexpected left bracket ", rune);
                return;
            }

            _hasColon = false;
            Emit(TokenKind.LeftBracket, Mode.Brackets);
            _isBracketOpen = true;
            return;
        }

        if (!_isBracketOpen)
        {
            Fail("unexpected right bracket ", rune);
            return;
        }

        Emit(TokenKind.RightBracket, Mode.Statements);
        _isBracketOpen = false;
    }

    private void ScanWordOrNumber(int rune)
    {
        if (TextCursor.IsDigit(rune) || (rune == '.' && TextCursor.IsDigit(_cursor.Peek())))
        {
            _cursor.Back();
            ScanNumberOrDuration();
        }
        else if (!TextCursor.IsAlpha(rune) && rune != ':')
        {
            Fail("unexpected character: ", rune);
        }
        else if (!_isBracketOpen)
        {
            _cursor.Back();
            ScanWord();
        }
        else if (rune == ':')
        {
            if (_hasColon)
            {
                Fail("unexpected colon ", rune);
                return;
            }

            Emit(TokenKind.Colon, Mode.Statements);
            _hasColon = true;
        }
        else if (!TryScanDurationWord(rune, Mode.Statements))
        {
            Fail($"unexpected character: {GoRune.Quote(rune)}, expected ", ':');
        }
    }

    private void ScanWord()
    {
        int rune;
        do rune = _cursor.Next();
        while (TextCursor.IsAlphaNumeric(rune) || rune == ':');
        _cursor.Back();
        var word = _cursor.Text.AsSpan(_start, _cursor.Position - _start);
        var kind = Keywords.Find(word) ??
            (word.Contains((byte)':') ? TokenKind.MetricIdentifier : TokenKind.Identifier);

        // These words are younger than many metric names: they are keywords only where a value follows.
        if (kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight && !IsParenNext())
            kind = TokenKind.Identifier;
        Emit(kind, _inSeries && _cursor.Peek() != '{' ? Mode.Values : Mode.Statements);
    }

    private bool IsParenNext()
    {
        var rest = _cursor.Text.AsSpan(_cursor.Position).TrimStart(" \t\n\r"u8);
        return !rest.IsEmpty && rest[0] == '(';
    }

    private bool TryScanDurationWord(int first, Mode next)
    {
        if (first is not ('s' or 'S' or 'r' or 'R' or 'm' or 'M')) return false;
        while (TextCursor.IsAlpha(_cursor.Next()))
        {
            // Moved by Next.
        }

        _cursor.Back();
        var kind = Keywords.Find(_cursor.Text.AsSpan(_start, _cursor.Position - _start));
        if (kind is not (TokenKind.Step or TokenKind.Range or TokenKind.MaxOf or TokenKind.MinOf)) return false;
        Emit(kind.Value, next);
        return true;
    }

    private void ScanNumberOrDuration()
    {
        if (NumberScanner.TryScan(ref _cursor, _inSeries))
        {
            Emit(TokenKind.Number, Mode.Statements);
        }
        else if (NumberScanner.TryScanDuration(ref _cursor))
        {
            _cursor.Back();
            Emit(TokenKind.Duration, Mode.Statements);
        }
        else
        {
            Fail("bad number or duration syntax: " + QuoteScanned());
        }
    }

    private void ScanNumber(Mode next)
    {
        if (NumberScanner.TryScan(ref _cursor, _inSeries)) Emit(TokenKind.Number, next);
        else Fail("bad number syntax: " + QuoteScanned());
    }

    private string QuoteScanned() => GoText.Quote(_cursor.Text.AsSpan(_start, _cursor.Position - _start));

    private void ScanString(int quote)
    {
        var error = StringScanner.Scan(ref _cursor, quote);
        if (error is null) Emit(TokenKind.String, Mode.Statements);
        else Fail(error);
    }

    private void ScanComment()
    {
        int rune;
        do rune = _cursor.Next();
        while (rune is not ('\r' or '\n' or TextCursor.EndOfText));
        _cursor.Back();
        Emit(TokenKind.Comment, Mode.Statements);
    }

    private void SkipSpaces()
    {
        while (TextCursor.IsSpace(_cursor.Peek())) _cursor.Next();
        _start = _cursor.Position;
    }

    private void ScanBraces()
    {
        if (_cursor.Peek() == '#')
        {
            ScanComment();
            return;
        }

        var rune = _cursor.Next();
        switch (rune)
        {
            case TextCursor.EndOfText: Fail("unexpected end of input inside braces"); break;
            case ' ' or '\t' or '\n' or '\r': SkipSpaces(); break;
            case ',': Emit(TokenKind.Comma, Mode.Statements); break;
            case '"' or '\'' or '`': ScanString(rune); break;
            case '=' when _cursor.Peek() == '~': EmitPair(TokenKind.RegexMatch); break;
            case '=': Emit(TokenKind.Assign, Mode.Statements); break;
            case '!' when _cursor.Peek() == '~': EmitPair(TokenKind.NotRegexMatch); break;
            case '!' when _cursor.Peek() == '=': EmitPair(TokenKind.NotEqual); break;
            case '!': Fail("unexpected character after '!' inside braces: ", _cursor.Peek()); break;
            case '{': Fail("unexpected left brace ", rune); break;
            case '}':
                Emit(TokenKind.RightBrace, _inSeries ? Mode.Values : Mode.Statements);
                _isBraceOpen = false;
                break;
            default:
                if (!TextCursor.IsAlpha(rune))
                {
                    Fail("unexpected character inside braces: ", rune);
                    break;
                }

                while (TextCursor.IsAlphaNumeric(_cursor.Peek())) _cursor.Next();
                Emit(TokenKind.Identifier, Mode.Statements);
                break;
        }
    }

    // Inside brackets up to the first number; what follows a number is scanned as a statement.
    private void ScanBrackets()
    {
        var rune = _cursor.Next();
        switch (rune)
        {
            case TextCursor.EndOfText: Fail("unexpected end of input in duration expression"); break;
            case ']':
                Emit(TokenKind.RightBracket, Mode.Statements);
                _isBracketOpen = false;
                _hasColon = false;
                break;
            case ':':
                Emit(TokenKind.Colon, Mode.Brackets);
                if (!_hasDuration) Fail("unexpected colon before duration in duration expression");
                else if (_hasColon) Fail("unexpected repeated colon in duration expression");
                _hasColon = true;
                break;
            case '(' or ')': ScanParen(rune, Mode.Brackets); break;
            case ' ' or '\t' or '\n' or '\r': SkipSpaces(); break;
            case '+': Emit(TokenKind.Add, Mode.Brackets); break;
            case '-': Emit(TokenKind.Subtract, Mode.Brackets); break;
            case '*': Emit(TokenKind.Multiply, Mode.Brackets); break;
            case '/': Emit(TokenKind.Divide, Mode.Brackets); break;
            case '%': Emit(TokenKind.Modulo, Mode.Brackets); break;
            case '^': Emit(TokenKind.Power, Mode.Brackets); break;
            case ',': Emit(TokenKind.Comma, Mode.Brackets); break;
            default:
                if (TryScanDurationWord(rune, Mode.Brackets)) break;
                if (!TextCursor.IsDigit(rune) && !(rune == '.' && TextCursor.IsDigit(_cursor.Peek())))
                {
                    Fail("unexpected character in duration expression: ", rune);
                    break;
                }

                _cursor.Back();
                _hasDuration = true;
                ScanNumberOrDuration();
                break;
        }
    }

    // The values of a series: spaces count, letters are repetitions, gaps and markers.
    private void ScanValues()
    {
        if (_isInHistogram || _isAfterHistogram)
        {
            ScanHistogram();
            return;
        }

        var rune = _cursor.Next();
        switch (rune)
        {
            case TextCursor.EndOfText: _mode = Mode.Statements; break;
            case '{' when _cursor.Peek() == '{':
                _cursor.Next();
                Emit(TokenKind.OpenHistogram, Mode.Values);
                _isInHistogram = true;
                break;
            case ' ' or '\t' or '\n' or '\r':
                Emit(TokenKind.Space, Mode.Values);
                SkipSpaces();
                break;
            case '+': Emit(TokenKind.Add, Mode.Values); break;
            case '-': Emit(TokenKind.Subtract, Mode.Values); break;
            case 'x': Emit(TokenKind.Times, Mode.Values); break;
            case '_': Emit(TokenKind.Blank, Mode.Values); break;
            default:
                if (TextCursor.IsDigit(rune) || (rune == '.' && TextCursor.IsDigit(_cursor.Peek())))
                {
                    _cursor.Back();
                    ScanNumber(Mode.Values);
                }
                else if (TextCursor.IsAlpha(rune))
                {
                    _cursor.Back();
                    ScanWord();
                }
                else
                {
                    Fail("unexpected character in series sequence: ", rune);
                }

                break;
        }
    }

    private void ScanHistogram()
    {
        var rune = _cursor.Next();
        if (_isAfterHistogram)
        {
            _isAfterHistogram = false;
            Emit(rune == 'x' ? TokenKind.Times : rune == '+' ? TokenKind.Add : TokenKind.Subtract, Mode.Values);
            return;
        }

        if (_isBracketOpen)
        {
            ScanBuckets(rune);
            return;
        }

        switch (rune)
        {
            case ' ' or '\t' or '\n' or '\r':
                Emit(TokenKind.Space, Mode.Statements);
                SkipSpaces();
                break;
            case ':': Emit(TokenKind.Colon, Mode.Statements); break;
            case '-': Emit(TokenKind.Subtract, Mode.Statements); break;
            case '[':
                Emit(TokenKind.LeftBracket, Mode.Statements);
                _isBracketOpen = true;
                break;
            case '}' when _cursor.Peek() == '}':
                _cursor.Next();
                Emit(TokenKind.CloseHistogram, Mode.Values);
                _isInHistogram = false;
                _isAfterHistogram = _cursor.Is("x+-");
                break;
            default: ScanHistogramWord(rune); break;
        }
    }

    private void ScanHistogramWord(int rune)
    {
        if (!TextCursor.IsAlpha(rune) && !TextCursor.IsDigit(rune))
        {
            Fail("histogram description incomplete unexpected: ", rune);
            return;
        }

        if (TextCursor.IsDigit(rune))
        {
            _cursor.Back();
            ScanNumber(Mode.Statements);
            return;
        }

        while (TextCursor.IsAlpha(_cursor.Peek())) _cursor.Next();
        var word = _cursor.Text.AsSpan(_start, _cursor.Position - _start);
        var kind = Keywords.FindInHistogram(word);
        if (kind is >= TokenKind.SumDescriptor and <= TokenKind.CounterResetHintDescriptor)
        {
            if (_cursor.Peek() == ':') Emit(kind.Value, Mode.Statements);
            else Fail("missing `:` for histogram descriptor");
        }
        else if (Keywords.Find(word) == TokenKind.Number)
        {
            Emit(TokenKind.Number, Mode.Statements);
        }
        else if (kind is not null)
        {
            Emit(kind.Value, Mode.Statements);
        }
        else
        {
            Fail("bad histogram descriptor found: " + QuoteScanned());
        }
    }

    private void ScanBuckets(int rune)
    {
        switch (rune)
        {
            case ' ' or '\t' or '\n' or '\r':
                Emit(TokenKind.Space, Mode.Statements);
                SkipSpaces();
                break;
            case '-': Emit(TokenKind.Subtract, Mode.Number); break;
            case ']':
                Emit(TokenKind.RightBracket, Mode.Statements);
                _isBracketOpen = false;
                break;
            default:
                if (TextCursor.IsDigit(rune))
                {
                    _cursor.Back();
                    ScanNumber(Mode.Statements);
                }
                else if (!TextCursor.IsAlpha(rune))
                {
                    Fail("invalid character in buckets description: ", rune);
                }
                else if (Keywords.Find(_cursor.Text.AsSpan(_start, _cursor.Position - _start)) == TokenKind.Number)
                {
                    Emit(TokenKind.Number, Mode.Statements);
                }

                break;
        }
    }
}
