using System.Text;

namespace PromHost.Model;

/// <summary>Lists the strings that a node matches when they are few.</summary>
internal static class FiniteLanguage
{
    private const long MaxTotalChars = 1 << 20;

    /// <summary>Lists the strings of a concatenation, without duplicates, or null when there are too many.</summary>
    public static IReadOnlyList<string>? TryList(RegexNode[] parts, int limit)
    {
        // Asked first, since listing a part costs more than a look at all.
        if (!Array.TrueForAll(parts, IsFinite))
            return null;
        List<string>? all = ListSequence(parts, limit);
        return all is null ? null : [.. new HashSet<string>(all, StringComparer.Ordinal)];
    }

    private static bool IsFinite(RegexNode node) => node.Op switch
    {
        RegexOp.Empty or RegexOp.Class => true,
        RegexOp.Literal => RegexShape.IsPlainText(node),
        RegexOp.Concat or RegexOp.Alternate or RegexOp.Quest => Array.TrueForAll(node.Subs, IsFinite),
        RegexOp.Repeat => node.Max >= 0 && IsFinite(node.Subs[0]),
        _ => false,
    };

    private static List<string>? List(RegexNode node, int limit)
    {
        switch (node.Op)
        {
            case RegexOp.Empty:
                return [""];
            case RegexOp.Literal when RegexShape.IsPlainText(node):
                return [new Rune(node.Rune).ToString()];
            case RegexOp.Class:
                return ListClass(node.Set, limit);
            case RegexOp.Concat:
                return ListSequence(node.Subs, limit);
            case RegexOp.Alternate:
                return ListChoices(node.Subs, limit);
            case RegexOp.Quest:
                return ListChoices([node.Subs[0], RegexNode.Empty], limit);
            case RegexOp.Repeat when node.Max >= 0 && node.Max <= limit:
                RegexNode[] rounds = new RegexNode[node.Max];
                RegexNode optional = RegexNode.Repetition(RegexOp.Quest, 0, 1, nonGreedy: false, node.Subs[0]);
                Array.Fill(rounds, node.Subs[0], 0, node.Min);
                Array.Fill(rounds, optional, node.Min, node.Max - node.Min);
                return ListSequence(rounds, limit);
            default:
                return null;
        }
    }

    private static List<string>? ListClass(RuneSet set, int limit)
    {
        if (set.Count > limit || set.Contains(Rune.ReplacementChar.Value))
            return null;
        List<string> all = [];
        ReadOnlySpan<int> bounds = set.Bounds;
        for (int i = 0; i < bounds.Length; i += 2)
        {
            for (int rune = bounds[i]; rune <= bounds[i + 1]; rune++)
            {
                if (Rune.IsValid(rune))
                    all.Add(new Rune(rune).ToString());
            }
        }

        return all;
    }

    private static List<string>? ListChoices(RegexNode[] choices, int limit)
    {
        List<string> all = [];
        foreach (RegexNode choice in choices)
        {
            List<string>? own = List(choice, limit);
            if (own is null || all.Count + own.Count > limit)
                return null;
            all.AddRange(own);
        }

        return all;
    }

    private static List<string>? ListSequence(RegexNode[] parts, int limit)
    {
        List<string> all = [""];
        StringBuilder run = new();
        long chars = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            run.Clear();
            for (; i < parts.Length && RegexShape.IsPlainText(parts[i]); i++)
                run.Append(new Rune(parts[i].Rune));
            List<string>? tails = run.Length > 0 ? [run.ToString()] : List(parts[i], limit);
            if (run.Length > 0)
                i--;
            if (tails is null || (long)all.Count * tails.Count > limit)
                return null;
            List<string> joined = new(all.Count * tails.Count);
            foreach (string head in all)
            {
                foreach (string tail in tails)
                {
                    chars += head.Length + tail.Length;
                    if (chars > MaxTotalChars)
                        return null;
                    joined.Add(head + tail);
                }
            }

            all = joined;
        }

        return all;
    }
}
