// Hot path: IsMatch runs once per label value.
using System.Text;

namespace PromHost.Model;

/// <summary>Matches by automaton, after looking for literals that every match must have.</summary>
internal sealed class AutomatonMatcher : Utf8Matcher
{
    private readonly byte[] _prefix;
    private readonly byte[] _suffix;
    private readonly byte[] _infix;
    private readonly RegexProgram _program;
    private readonly LazyDfa? _dfa;
    private PikeMachine? _spareMachine;

    public AutomatonMatcher(RegexShape shape)
    {
        _prefix = Encoding.UTF8.GetBytes(shape.GetPrefix());
        (_suffix, _infix) = FindLiterals(shape);
        _program = RegexCompiler.Compile(shape.ToNode(), savesCaptures: false, shape.IsOpenBegin);
        _dfa = _program.Instructions.Length <= LazyDfa.MaxInstructions ? new LazyDfa(_program) : null;
    }

    public override bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.StartsWith(_prefix) || !utf8.EndsWith(_suffix))
            return false;
        if (_infix.Length > 0 && utf8.IndexOf(_infix) < 0)
            return false;
        return _dfa is { IsHopeless: false } ? _dfa.IsMatch(utf8) : Simulate(utf8);
    }

    private bool Simulate(ReadOnlySpan<byte> utf8)
    {
        PikeMachine machine = Interlocked.Exchange(ref _spareMachine, null) ?? new PikeMachine(_program, 0);
        bool matched = machine.TryMatch(utf8, []);
        _spareMachine = machine;
        return matched;
    }

    /// <summary>
    /// Finds the literal at an anchored end, and the longest one that is neither there nor at the begin.
    /// </summary>
    private static (byte[] Suffix, byte[] Infix) FindLiterals(RegexShape shape)
    {
        RegexNode[] parts = shape.Parts;
        string suffix = "";
        string infix = "";
        StringBuilder run = new();
        for (int i = 0; i < parts.Length;)
        {
            int start = i;
            run.Clear();
            for (; i < parts.Length && RegexShape.IsPlainText(parts[i]); i++)
                run.Append(new Rune(parts[i].Rune));
            if (i == parts.Length && !shape.IsOpenEnd)
                suffix = run.ToString();
            else if ((start > 0 || shape.IsOpenBegin) && run.Length > infix.Length)
                infix = run.ToString();
            if (i == start)
                i++;
        }

        return (Encoding.UTF8.GetBytes(suffix), Encoding.UTF8.GetBytes(infix));
    }
}
