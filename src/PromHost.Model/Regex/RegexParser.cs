namespace PromHost.Model;

/// <summary>
/// Parses RE2 syntax as Go's regexp/syntax does with its Perl flags, and fails with the same words. Open groups live on
/// a stack of our own, so that hostile nesting cannot exhaust the thread's.
/// </summary>
internal sealed class RegexParser
{
    private const int MaxRepeat = 1000;
    private const int MaxHeight = 1000;

    // Bounds of different classes together; beyond it the tables made of them would take hundreds of megabytes.
    private const int MaxClassBounds = 1 << 21;
    private const string InvalidPerl = "invalid or unsupported Perl syntax";
    private const string InvalidRepeat = "invalid repeat count";

    private readonly RegexCursor _cursor;
    private readonly Stack<Group> _enclosing = new();
    private readonly List<string?> _captureNames = [null];
    private readonly HashSet<RuneSet> _classes = [];
    private int _classBounds;
    private Group _group = new(RegexFlags.None, captureIndex: 0);
    private RegexFlags _flags;

    // Where the previous item began when it was a repetition operator, else -1.
    private int _previousRepeatStart = -1;

    private RegexParser(string pattern, RegexFlags flags)
    {
        _cursor = new RegexCursor(pattern);
        _flags = flags;
    }

    /// <summary>Parses a whole pattern.</summary>
    /// <returns>The tree, and the names of the groups by number (entry 0 is the whole match).</returns>
    /// <exception cref="Re2SyntaxException">The pattern is not RE2.</exception>
    public static (RegexNode Root, string?[] CaptureNames) Parse(string pattern, RegexFlags flags)
    {
        RegexParser parser = new(pattern, flags);
        while (!parser._cursor.AtEnd)
            parser.ReadItem();
        if (parser._enclosing.Count > 0)
            throw new Re2SyntaxException("missing closing )", pattern);
        return (parser.Checked(parser._group.ToNode()), [.. parser._captureNames]);
    }

    private bool FoldsCase => _flags.HasFlag(RegexFlags.FoldCase);

    private bool IsMultiLine => _flags.HasFlag(RegexFlags.MultiLine);

    private void ReadItem()
    {
        int repeatStart = -1;
        int start = _cursor.Position;
        switch (_cursor.Peek())
        {
            case '(':
                if (_cursor.Peek(1) == '?')
                    ReadPerlGroup();
                else
                    OpenCapture(length: 1, name: null);
                break;
            case ')':
                CloseGroup();
                break;
            case '|':
                _cursor.Position++;
                _group.EndChoice();
                break;
            case '^':
                PushAssertion(IsMultiLine ? RegexOp.BeginLine : RegexOp.BeginText, length: 1);
                break;
            case '$':
                PushAssertion(IsMultiLine ? RegexOp.EndLine : RegexOp.EndText, length: 1);
                break;
            case '.':
                _cursor.Position++;
                PushClass(_flags.HasFlag(RegexFlags.DotNewline) ? RuneSet.Any : RuneSet.AnyButNewline);
                break;
            case '[':
                PushClass(RegexClassParser.Read(_cursor, FoldsCase));
                break;
            case '*' or '+' or '?':
                repeatStart = start;
                ReadRepeatOperator(start);
                break;
            case '{':
                if (ReadCountedRepeat(start))
                    repeatStart = start;
                break;
            case '\\':
                ReadBackslash();
                break;
            default:
                PushLiteral(_cursor.NextRune());
                break;
        }

        _previousRepeatStart = repeatStart;
    }

    private void Push(RegexNode node) => _group.Items.Add(Checked(node));

    /// <summary>Adds a class; equal ones are kept once.</summary>
    private void PushClass(RuneSet set)
    {
        if (_classes.TryGetValue(set, out RuneSet? known))
        {
            set = known;
        }
        else
        {
            _classes.Add(set);
            _classBounds += set.Bounds.Length;
            if (_classBounds > MaxClassBounds)
                throw new Re2SyntaxException("expression too large", _cursor.Pattern);
        }

        Push(RegexNode.Class(set));
    }

    private void PushLiteral(int rune) =>
        Push(System.Text.Rune.IsValid(rune)
            ? RegexNode.Literal(rune, FoldsCase)
            // A lone surrogate never comes out of UTF-8: a class that nothing meets.
            : RegexNode.Class(new RuneSet([rune, rune])));

    private void PushAssertion(RegexOp op, int length)
    {
        _cursor.Position += length;
        Push(RegexNode.Assertion(op));
    }

    private RegexNode Checked(RegexNode node) => node.Height <= MaxHeight
        ? node
        : throw new Re2SyntaxException("expression nests too deeply", _cursor.Pattern);

    private void ReadRepeatOperator(int start)
    {
        (RegexOp op, int min, int max) = _cursor.NextRune() switch
        {
            '*' => (RegexOp.Star, 0, -1),
            '+' => (RegexOp.Plus, 1, -1),
            _ => (RegexOp.Quest, 0, 1),
        };
        Repeat(op, min, max, start);
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else makes the brace a literal.</summary>
    /// <returns>Whether it was a repetition.</returns>
    private bool ReadCountedRepeat(int start)
    {
        _cursor.Position++;
        int max = 0;
        bool complete = TryReadCount(out int min);
        if (complete && _cursor.Peek() == ',')
        {
            _cursor.Position++;
            if (_cursor.Peek() == '}')
                max = -1;
            else if ((complete = TryReadCount(out max)) && max < 0)
                min = -1;
        }
        else
        {
            max = min;
        }

        if (!complete || _cursor.Peek() != '}')
        {
            _cursor.Position = start + 1;
            PushLiteral('{');
            return false;
        }

        _cursor.Position++;
        if (min < 0 || min > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max))
            throw _cursor.Error(InvalidRepeat, start);
        Repeat(RegexOp.Repeat, min, max, start);
        return true;
    }

    /// <summary>Reads a number without leading zeros; -1 when it is far too large.</summary>
    private bool TryReadCount(out int count)
    {
        count = 0;
        if (!char.IsAsciiDigit(_cursor.Peek()) || (_cursor.Peek() == '0' && char.IsAsciiDigit(_cursor.Peek(1))))
            return false;
        for (; char.IsAsciiDigit(_cursor.Peek()); _cursor.Position++)
        {
            if (count >= 0)
                count = count >= 100_000_000 ? -1 : (count * 10) + (_cursor.Peek() - '0');
        }

        return true;
    }

    private void Repeat(RegexOp op, int min, int max, int start)
    {
        int operatorEnd = _cursor.Position;
        bool nonGreedy = _flags.HasFlag(RegexFlags.Ungreedy);
        if (_cursor.Peek() == '?' && !_cursor.AtEnd)
        {
            _cursor.Position++;
            operatorEnd = _cursor.Position;
            nonGreedy = !nonGreedy;
        }

        if (_previousRepeatStart >= 0)
            throw _cursor.Error("invalid nested repetition operator", _previousRepeatStart);
        if (_group.Items.Count == 0)
        {
            throw new Re2SyntaxException(
                "missing argument to repetition operator", _cursor.Pattern[start..operatorEnd]);
        }

        RegexNode node = RegexNode.Repetition(op, min, max, nonGreedy, _group.Items[^1]);
        _group.Items[^1] = Checked(node);
        if (op == RegexOp.Repeat && (min >= 2 || max >= 2) && !FitsRepeatLimit(node, MaxRepeat))
            throw _cursor.Error(InvalidRepeat, start);
    }

    /// <summary>Whether counted repeats inside each other multiply to no more than a limit.</summary>
    private static bool FitsRepeatLimit(RegexNode node, int limit)
    {
        if (node.Op == RegexOp.Repeat)
        {
            int rounds = node.Max < 0 ? node.Min : node.Max;
            if (node.Max == 0)
                return true;
            if (rounds > limit)
                return false;
            if (rounds > 0)
                limit /= rounds;
        }

        foreach (RegexNode sub in node.Subs)
        {
            if (!FitsRepeatLimit(sub, limit))
                return false;
        }

        return true;
    }

    private void OpenCapture(int length, string? name)
    {
        _cursor.Position += length;
        _captureNames.Add(name);
        Open(_captureNames.Count - 1);
    }

    private void Open(int captureIndex)
    {
        _enclosing.Push(_group);
        _group = new Group(_flags, captureIndex);
    }

    private void CloseGroup()
    {
        if (_enclosing.Count == 0)
            throw new Re2SyntaxException("unexpected )", _cursor.Pattern);
        _cursor.Position++;
        Group closed = _group;
        RegexNode body = Checked(closed.ToNode());
        _group = _enclosing.Pop();
        _flags = closed.OuterFlags;
        Push(closed.CaptureIndex > 0 ? RegexNode.Capture(closed.CaptureIndex, body) : body);
    }

    /// <summary>Reads <c>(?P&lt;name&gt;</c>, <c>(?&lt;name&gt;</c>, <c>(?flags)</c> or <c>(?flags:</c>.</summary>
    private void ReadPerlGroup()
    {
        int start = _cursor.Position;
        bool named = _cursor.Peek(2) == 'P' && _cursor.Peek(3) == '<' && _cursor.Rest.Length > 4;
        bool shortNamed = _cursor.Peek(2) == '<' && _cursor.Rest.Length > 3;
        if (named || shortNamed)
        {
            int end = _cursor.Rest.IndexOf('>');
            int nameStart = named ? 4 : 3;
            string header = _cursor.Rest[..(end < 0 ? _cursor.Rest.Length : end + 1)].ToString();
            if (end < nameStart || !IsName(header.AsSpan(nameStart, end - nameStart)))
                throw new Re2SyntaxException("invalid named capture", header);
            OpenCapture(header.Length, header[nameStart..^1]);
            return;
        }

        ReadFlags(start);
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char c in name)
        {
            if (c != '_' && !char.IsAsciiLetterOrDigit(c))
                return false;
        }

        return name.Length > 0;
    }

    private void ReadFlags(int start)
    {
        RegexFlags flags = _flags;
        bool clearing = false;
        bool sawFlag = false;
        _cursor.Position += 2;
        while (!_cursor.AtEnd)
        {
            int rune = _cursor.NextRune();
            RegexFlags flag = rune switch
            {
                'i' => RegexFlags.FoldCase,
                'm' => RegexFlags.MultiLine,
                's' => RegexFlags.DotNewline,
                'U' => RegexFlags.Ungreedy,
                _ => RegexFlags.None,
            };
            if (flag != RegexFlags.None)
            {
                flags = clearing ? flags & ~flag : flags | flag;
                sawFlag = true;
            }
            else if (rune == '-' && !clearing)
            {
                clearing = true;
                sawFlag = false;
            }
            else if (rune is ':' or ')' && (!clearing || sawFlag))
            {
                if (rune == ':')
                    Open(captureIndex: 0);
                _flags = flags;
                return;
            }
            else
            {
                break;
            }
        }

        throw _cursor.Error(InvalidPerl, start);
    }

    private void ReadBackslash()
    {
        int start = _cursor.Position;
        switch (_cursor.Peek(1))
        {
            case 'A':
                PushAssertion(RegexOp.BeginText, length: 2);
                return;
            case 'b':
                PushAssertion(RegexOp.WordBoundary, length: 2);
                return;
            case 'B':
                PushAssertion(RegexOp.NotWordBoundary, length: 2);
                return;
            case 'z':
                PushAssertion(RegexOp.EndText, length: 2);
                return;
            case 'C':
                _cursor.Position += 2;
                throw _cursor.Error(RegexCursor.InvalidEscape, start);
            case 'Q':
                ReadQuoted();
                return;
            default:
                RuneSet? set = _cursor.TryReadUnicodeClass(FoldsCase) ?? _cursor.TryReadPerlClass(FoldsCase);
                if (set is not null)
                    PushClass(set);
                else
                    PushLiteral(_cursor.ReadEscapedRune());
                return;
        }
    }

    private void ReadQuoted()
    {
        _cursor.Position += 2;
        int length = _cursor.Rest.IndexOf(@"\E", StringComparison.Ordinal);
        int end = length < 0 ? _cursor.Pattern.Length : _cursor.Position + length;
        while (_cursor.Position < end)
            PushLiteral(_cursor.NextRune());
        if (length >= 0)
            _cursor.Position += 2;
    }

    /// <summary>A group whose closing parenthesis is still to come.</summary>
    private sealed class Group(RegexFlags outerFlags, int captureIndex)
    {
        private readonly List<RegexNode> _choices = [];

        public RegexFlags OuterFlags { get; } = outerFlags;

        /// <summary>Number of the capture, 0 when it is none.</summary>
        public int CaptureIndex { get; } = captureIndex;

        /// <summary>What the choice being read is made of so far.</summary>
        public List<RegexNode> Items { get; } = [];

        public void EndChoice()
        {
            _choices.Add(RegexNode.Concat(Items));
            Items.Clear();
        }

        public RegexNode ToNode()
        {
            EndChoice();
            return RegexNode.Alternate(_choices);
        }
    }
}
