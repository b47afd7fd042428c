namespace PromHost.Model;

/// <summary>
/// Rewrites an alternation so that literals which choices begin with alike are written once: <c>pod-1|pod-22|x</c>
/// becomes <c>pod-(?:1|22)|x</c>. The order of choices is lost, so it serves only to decide whether something matches.
/// </summary>
internal static class ChoiceTree
{
    // Bounds the recursion here and on what comes out; deeper choices stay as they are.
    private const int MaxDepth = 200;

    /// <summary>Makes an alternation of the choices.</summary>
    public static RegexNode Create(RegexNode[] choices)
    {
        List<Tail> tails = new(choices.Length);
        foreach (RegexNode choice in choices)
            tails.Add(new Tail(choice.Op == RegexOp.Concat ? choice.Subs : [choice], 0));
        return Create(tails, 0);
    }

    private static RegexNode Create(List<Tail> tails, int depth)
    {
        List<RegexNode> choices = [];
        Dictionary<int, List<Tail>> byFirst = [];
        bool hasEmpty = false;
        foreach (Tail tail in tails)
        {
            if (tail.IsEmpty)
            {
                hasEmpty = true;
            }
            else if (depth < MaxDepth && tail.First.IsPlainLiteral)
            {
                if (!byFirst.TryGetValue(tail.First.Rune, out List<Tail>? group))
                    byFirst.Add(tail.First.Rune, group = []);
                group.Add(tail);
            }
            else
            {
                choices.Add(tail.ToNode());
            }
        }

        foreach (List<Tail> group in byFirst.Values)
            choices.Add(group.Count == 1 ? group[0].ToNode() : Join(group, depth));
        if (hasEmpty)
            choices.Add(RegexNode.Empty);
        return RegexNode.Alternate(choices);
    }

    /// <summary>Writes the literals that all begin with, then the choice between what follows.</summary>
    private static RegexNode Join(List<Tail> group, int depth)
    {
        int common = int.MaxValue;
        foreach (Tail tail in group)
            common = Math.Min(common, tail.CountCommonLiterals(group[0]));
        RegexNode rest = Create(group.ConvertAll(tail => tail with { Start = tail.Start + common }), depth + 1);
        return RegexNode.Concat([.. group[0].Parts.AsSpan(group[0].Start, common), rest]);
    }

    /// <summary>A choice from one of its parts on.</summary>
    private readonly record struct Tail(RegexNode[] Parts, int Start)
    {
        public bool IsEmpty => Start == Parts.Length || First.Op == RegexOp.Empty;

        public RegexNode First => Parts[Start];

        public RegexNode ToNode() => RegexNode.Concat(Parts[Start..]);

        public int CountCommonLiterals(Tail other)
        {
            int count = 0;
            int limit = Math.Min(Parts.Length - Start, other.Parts.Length - other.Start);
            while (count < limit
                && Parts[Start + count].IsPlainLiteral
                && other.Parts[other.Start + count].IsPlainLiteral
                && Parts[Start + count].Rune == other.Parts[other.Start + count].Rune)
                count++;
            return count;
        }
    }
}
