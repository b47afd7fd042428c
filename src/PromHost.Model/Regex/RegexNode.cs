namespace PromHost.Model;

/// <summary>One node of a parsed pattern; immutable.</summary>
internal sealed class RegexNode
{
    public static readonly RegexNode Empty = new() { Op = RegexOp.Empty };

    public required RegexOp Op { get; init; }

    /// <summary>Children; one for captures and repetitions, any number for concatenations and alternations.</summary>
    public RegexNode[] Subs { get; init; } = [];

    /// <summary>The code point of a literal.</summary>
    public int Rune { get; init; }

    /// <summary>Whether a literal also stands for the other members of its case orbit (it then has some).</summary>
    public bool FoldsCase { get; init; }

    /// <summary>The code points of a class.</summary>
    public RuneSet Set { get; init; } = RuneSet.None;

    /// <summary>Bounds of a repeat; <see cref="Max"/> is -1 when there is none.</summary>
    public int Min { get; init; }

    /// <inheritdoc cref="Min"/>
    public int Max { get; init; }

    /// <summary>Whether a repetition prefers fewer rounds.</summary>
    public bool NonGreedy { get; init; }

    /// <summary>Group number of a capture, from 1.</summary>
    public int CaptureIndex { get; init; }

    /// <summary>Levels below and including this one.</summary>
    public int Height { get; private init; } = 1;

    /// <summary>A case-sensitive literal.</summary>
    public bool IsPlainLiteral => Op == RegexOp.Literal && !FoldsCase;

    public static RegexNode Assertion(RegexOp op) => new() { Op = op };

    public static RegexNode Literal(int rune, bool foldCase = false) => new()
    {
        Op = RegexOp.Literal,
        Rune = rune,
        FoldsCase = foldCase && CaseOrbits.Of(rune).Length > 0,
    };

    /// <summary>A class; one of a single code point becomes a literal.</summary>
    public static RegexNode Class(RuneSet set) =>
        set.TryGetSingle(out int rune) ? Literal(rune) : new RegexNode { Op = RegexOp.Class, Set = set };

    public static RegexNode Capture(int index, RegexNode sub) => new()
    {
        Op = RegexOp.Capture,
        CaptureIndex = index,
        Subs = [sub],
        Height = sub.Height + 1,
    };

    public static RegexNode Repetition(RegexOp op, int min, int max, bool nonGreedy, RegexNode sub) => new()
    {
        Op = op,
        Min = min,
        Max = max,
        NonGreedy = nonGreedy,
        Subs = [sub],
        Height = sub.Height + 1,
    };

    /// <summary>Nodes in sequence; nested sequences are taken apart.</summary>
    public static RegexNode Concat(IReadOnlyList<RegexNode> parts)
    {
        List<RegexNode> flat = new(parts.Count);
        int height = 0;
        foreach (RegexNode part in parts)
        {
            if (part.Op == RegexOp.Concat)
                flat.AddRange(part.Subs);
            else if (part.Op != RegexOp.Empty)
                flat.Add(part);
        }

        foreach (RegexNode part in flat)
            height = Math.Max(height, part.Height);
        return flat.Count switch
        {
            0 => Empty,
            1 => flat[0],
            _ => new RegexNode { Op = RegexOp.Concat, Subs = [.. flat], Height = height + 1 },
        };
    }

    /// <summary>A choice, the first preferred; choices between single code points become a class.</summary>
    public static RegexNode Alternate(IReadOnlyList<RegexNode> choices)
    {
        if (choices.Count == 1)
            return choices[0];
        int height = 0;
        bool allSingle = true;
        foreach (RegexNode choice in choices)
        {
            height = Math.Max(height, choice.Height);
            allSingle &= choice.IsPlainLiteral || choice.Op == RegexOp.Class;
        }

        if (!allSingle)
            return new RegexNode { Op = RegexOp.Alternate, Subs = [.. choices], Height = height + 1 };
        RuneSetBuilder union = new();
        foreach (RegexNode choice in choices)
        {
            if (choice.Op == RegexOp.Literal)
                union.Add(choice.Rune, choice.Rune);
            else
                union.Add(choice.Set);
        }

        return Class(union.ToSet());
    }

    /// <summary>The code points that a literal or class node takes.</summary>
    public RuneSet ToSet()
    {
        if (Op == RegexOp.Class)
            return Set;
        RuneSetBuilder builder = new();
        builder.Add(Rune, Rune);
        if (FoldsCase)
        {
            foreach (int other in CaseOrbits.Of(Rune))
                builder.Add(other, other);
        }

        return builder.ToSet();
    }
}
