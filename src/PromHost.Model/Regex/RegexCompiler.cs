namespace PromHost.Model;

/// <summary>
/// Turns a tree into a program, last node first: every part is made knowing where it goes on. Counted repeats are
/// written out.
/// </summary>
internal sealed class RegexCompiler
{
    // Go's limit: 128 MiB of instructions of 40 bytes.
    private const long MaxInstructions = (128 << 20) / 40;

    private readonly List<RegexInstruction> _instructions = [];
    private readonly List<RuneSet> _predicates = [];
    private readonly Dictionary<int, int> _predicateOfRune = [];
    private readonly Dictionary<RuneSet, int> _predicateOfSet = [];
    private readonly bool _savesCaptures;
    private RegexAssertions _assertions;

    private RegexCompiler(bool savesCaptures) => _savesCaptures = savesCaptures;

    /// <summary>Compiles a tree.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="savesCaptures">Whether the program notes positions; slots 0 and 1 are the whole match.</param>
    /// <param name="searches">Whether a match may begin anywhere.</param>
    public static RegexProgram Compile(RegexNode root, bool savesCaptures, bool searches)
    {
        RegexCompiler compiler = new(savesCaptures);
        int next = compiler.Add(RegexInstructionOp.Match, 0, 0);
        if (savesCaptures)
            next = compiler.Add(RegexInstructionOp.Save, next, 1);
        next = compiler.Emit(root, next);
        if (savesCaptures)
            next = compiler.Add(RegexInstructionOp.Save, next, 0);
        RuneClasses classes = RuneClasses.Create(compiler._predicates, compiler._assertions);
        return new RegexProgram([.. compiler._instructions], next, classes, searches);
    }

    /// <summary>Refuses trees that would be too large when written out.</summary>
    public static void CheckSize(RegexNode root, string pattern)
    {
        if (SizeOf(root) > MaxInstructions)
            throw new Re2SyntaxException("expression too large", pattern);
    }

    /// <summary>Whether a node can match the empty string, assertions taken as true.</summary>
    public static bool IsNullable(RegexNode node) => node.Op switch
    {
        RegexOp.Literal or RegexOp.Class => false,
        RegexOp.Capture or RegexOp.Plus => IsNullable(node.Subs[0]),
        RegexOp.Repeat => node.Min == 0 || IsNullable(node.Subs[0]),
        RegexOp.Concat => Array.TrueForAll(node.Subs, IsNullable),
        RegexOp.Alternate => Array.Exists(node.Subs, IsNullable),
        _ => true,
    };

    private static long SizeOf(RegexNode node)
    {
        long size = 0;
        foreach (RegexNode sub in node.Subs)
            size += SizeOf(sub);
        size = node.Op switch
        {
            RegexOp.Capture or RegexOp.Star => 2 + Math.Max(1, size),
            RegexOp.Plus or RegexOp.Quest => 1 + size,
            RegexOp.Alternate => size + node.Subs.Length - 1,
            RegexOp.Repeat when node.Max < 0 => node.Min == 0 ? 2 + size : 1 + (node.Min * size),
            RegexOp.Repeat => (node.Max * size) + (node.Max - node.Min),
            _ => size,
        };
        return Math.Max(1, size);
    }

    private int Add(RegexInstructionOp op, int next, int argument)
    {
        _instructions.Add(new RegexInstruction(op, next, argument));
        return _instructions.Count - 1;
    }

    /// <summary>Writes a node that goes on at an instruction.</summary>
    /// <returns>Where it begins.</returns>
    private int Emit(RegexNode node, int next)
    {
        RegexNode? sub = node.Subs.Length > 0 ? node.Subs[0] : null;
        switch (node.Op)
        {
            case RegexOp.Empty:
                return next;
            case RegexOp.Literal or RegexOp.Class:
                return Add(RegexInstructionOp.Rune, next, PredicateOf(node));
            case RegexOp.Capture when !_savesCaptures:
                return Emit(sub!, next);
            case RegexOp.Capture:
                next = Add(RegexInstructionOp.Save, next, (2 * node.CaptureIndex) + 1);
                next = Emit(sub!, next);
                return Add(RegexInstructionOp.Save, next, 2 * node.CaptureIndex);
            case RegexOp.Star:
                return EmitStar(sub!, node.NonGreedy, next);
            case RegexOp.Plus:
                return EmitPlus(sub!, node.NonGreedy, next);
            case RegexOp.Quest:
                return Split(Emit(sub!, next), next, node.NonGreedy);
            case RegexOp.Repeat:
                return EmitRepeat(node, next);
            case RegexOp.Concat:
                for (int i = node.Subs.Length - 1; i >= 0; i--)
                    next = Emit(node.Subs[i], next);
                return next;
            case RegexOp.Alternate:
                int choice = Emit(node.Subs[^1], next);
                for (int i = node.Subs.Length - 2; i >= 0; i--)
                    choice = Split(Emit(node.Subs[i], next), choice, nonGreedy: false);
                return choice;
            default:
                return EmitAssertion(node.Op, next);
        }
    }

    private int Split(int body, int next, bool nonGreedy) =>
        nonGreedy ? Add(RegexInstructionOp.Split, next, body) : Add(RegexInstructionOp.Split, body, next);

    private int EmitPlus(RegexNode sub, bool nonGreedy, int next)
    {
        int loop = Add(RegexInstructionOp.Split, 0, 0);
        int body = Emit(sub, loop);
        _instructions[loop] = new RegexInstruction(
            RegexInstructionOp.Split,
            nonGreedy ? next : body,
            nonGreedy ? body : next);
        return body;
    }

    private int EmitStar(RegexNode sub, bool nonGreedy, int next)
    {
        // A body that may be empty must be entered before the loop is weighed, or preferences come out wrong.
        if (IsNullable(sub))
            return Split(EmitPlus(sub, nonGreedy, next), next, nonGreedy);
        int loop = Add(RegexInstructionOp.Split, 0, 0);
        int body = Emit(sub, loop);
        _instructions[loop] = new RegexInstruction(
            RegexInstructionOp.Split,
            nonGreedy ? next : body,
            nonGreedy ? body : next);
        return loop;
    }

    private int EmitRepeat(RegexNode node, int next)
    {
        RegexNode sub = node.Subs[0];
        int written = 0;
        if (node.Max < 0)
        {
            if (node.Min == 0)
                return EmitStar(sub, node.NonGreedy, next);
            next = EmitPlus(sub, node.NonGreedy, next);
            written = 1;
        }
        else
        {
            int end = next;
            for (int i = node.Min; i < node.Max; i++)
                next = Split(Emit(sub, next), end, node.NonGreedy);
        }

        for (; written < node.Min; written++)
            next = Emit(sub, next);
        return next;
    }

    private int EmitAssertion(RegexOp op, int next)
    {
        RegexAssertions assertion = op switch
        {
            RegexOp.BeginLine => RegexAssertions.BeginLine,
            RegexOp.EndLine => RegexAssertions.EndLine,
            RegexOp.BeginText => RegexAssertions.BeginText,
            RegexOp.EndText => RegexAssertions.EndText,
            RegexOp.WordBoundary => RegexAssertions.WordBoundary,
            _ => RegexAssertions.NotWordBoundary,
        };
        _assertions |= assertion;
        return Add(RegexInstructionOp.Assert, next, (int)assertion);
    }

    private int PredicateOf(RegexNode node)
    {
        if (node.Op == RegexOp.Class)
        {
            if (!_predicateOfSet.TryGetValue(node.Set, out int known))
                _predicateOfSet.Add(node.Set, known = AddPredicate(node.Set));
            return known;
        }

        // Folded literals are kept apart from plain ones by their sign.
        int key = node.FoldsCase ? ~node.Rune : node.Rune;
        if (!_predicateOfRune.TryGetValue(key, out int predicate))
            _predicateOfRune.Add(key, predicate = AddPredicate(node.ToSet()));
        return predicate;
    }

    private int AddPredicate(RuneSet set)
    {
        _predicates.Add(set);
        return _predicates.Count - 1;
    }
}
