namespace PromHost.Model;

/// <summary>A compiled pattern: a nondeterministic automaton over classes of code points. Immutable.</summary>
internal sealed class RegexProgram
{
    public RegexProgram(RegexInstruction[] instructions, int start, RuneClasses classes, bool searches)
    {
        Instructions = instructions;
        Start = start;
        Classes = classes;
        Searches = searches;
        foreach (RegexInstruction instruction in instructions)
        {
            if (instruction.Op == RegexInstructionOp.Assert)
                Assertions |= (RegexAssertions)instruction.Argument;
        }
    }

    public RegexInstruction[] Instructions { get; }

    public int Start { get; }

    public RuneClasses Classes { get; }

    /// <summary>Whether a match may begin anywhere.</summary>
    public bool Searches { get; }

    /// <summary>Every assertion that occurs.</summary>
    public RegexAssertions Assertions { get; }

    /// <summary>What holds between two code points; -1 stands for the begin and the end of the text.</summary>
    public static RegexAssertions AssertionsBetween(int before, int after)
    {
        RegexAssertions result = RegexAssertions.None;
        if (before < 0)
            result |= RegexAssertions.BeginText | RegexAssertions.BeginLine;
        if (before == '\n')
            result |= RegexAssertions.BeginLine;
        if (after < 0)
            result |= RegexAssertions.EndText | RegexAssertions.EndLine;
        if (after == '\n')
            result |= RegexAssertions.EndLine;
        result |= IsWordCharacter(before) != IsWordCharacter(after)
            ? RegexAssertions.WordBoundary
            : RegexAssertions.NotWordBoundary;
        return result;
    }

    public static bool IsWordCharacter(int rune) =>
        rune is '_' or (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');
}
