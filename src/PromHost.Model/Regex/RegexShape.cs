using System.Text;

namespace PromHost.Model;

/// <summary>
/// A pattern reduced to what decides whether it matches: no captures, no framing. Dots that take anything at an
/// anchored end are gone and the end is open instead: <c>^.*foo$</c> is the part <c>foo</c> with an open begin.
/// </summary>
internal sealed class RegexShape
{
    private RegexShape(RegexNode[] parts, bool isOpenBegin, bool isOpenEnd)
    {
        Parts = parts;
        IsOpenBegin = isOpenBegin;
        IsOpenEnd = isOpenEnd;
    }

    /// <summary>What must match, in sequence.</summary>
    public RegexNode[] Parts { get; }

    /// <summary>Whether anything may stand before the parts; if not, they begin with the text.</summary>
    public bool IsOpenBegin { get; }

    /// <summary>Whether anything may stand after the parts; if not, they end with the text.</summary>
    public bool IsOpenEnd { get; }

    /// <summary>Whether every text matches.</summary>
    public bool IsAnything => Parts.Length == 0 && (IsOpenBegin || IsOpenEnd);

    /// <summary>Whether every text but the empty one matches.</summary>
    public bool IsAnyNonEmpty =>
        IsAnything || (Parts.Length == 1 && IsAnyRune(Parts[0]) && (IsOpenBegin || IsOpenEnd));

    public static RegexShape Of(RegexNode root)
    {
        RegexNode bare = WithoutCaptures(root);
        List<RegexNode> parts = bare.Op switch
        {
            RegexOp.Concat => [.. bare.Subs],
            RegexOp.Empty => [],
            _ => [bare],
        };
        bool isOpenBegin = Trim(parts, RegexOp.BeginText, isFront: true);
        bool isOpenEnd = Trim(parts, RegexOp.EndText, isFront: false);
        return new RegexShape([.. parts], isOpenBegin, isOpenEnd);
    }

    /// <summary>The shape as a tree again; its begin is anchored by not searching.</summary>
    public RegexNode ToNode() =>
        RegexNode.Concat(IsOpenEnd ? Parts : [.. Parts, RegexNode.Assertion(RegexOp.EndText)]);

    /// <summary>
    /// The text that each match begins with, when the begin is anchored and it is case-sensitive; else empty.
    /// </summary>
    public string GetPrefix()
    {
        if (IsOpenBegin)
            return "";
        StringBuilder prefix = new();
        AppendPrefix(RegexNode.Concat(Parts), prefix);
        return prefix.ToString();
    }

    /// <summary>A literal whose bytes are the same as its code point's.</summary>
    public static bool IsPlainText(RegexNode node) =>
        // U+FFFD also takes invalid bytes.
        node.IsPlainLiteral && node.Rune != Rune.ReplacementChar.Value;

    /// <summary>A part that takes any one code point.</summary>
    public static bool IsAnyRune(RegexNode node) => node.Op == RegexOp.Class && node.Set.IsAny;

    /// <summary>A part that takes any text.</summary>
    public static bool IsAnyText(RegexNode node) => node.Op switch
    {
        RegexOp.Star => IsAnyRune(node.Subs[0]) || IsAnyNonEmptyText(node.Subs[0]) || IsAnyText(node.Subs[0]),
        RegexOp.Quest => IsAnyNonEmptyText(node.Subs[0]) || IsAnyText(node.Subs[0]),
        RegexOp.Plus => IsAnyText(node.Subs[0]),
        RegexOp.Repeat => node.Min == 0 && node.Max < 0 && IsAnyRune(node.Subs[0]),
        RegexOp.Concat => Array.TrueForAll(node.Subs, IsAnyText),
        RegexOp.Alternate => Array.Exists(node.Subs, IsAnyText),
        _ => false,
    };

    /// <summary>A part that takes any text but the empty one.</summary>
    public static bool IsAnyNonEmptyText(RegexNode node) =>
        (node.Op == RegexOp.Plus || (node.Op == RegexOp.Repeat && node.Min == 1 && node.Max < 0))
        && IsAnyRune(node.Subs[0]);

    /// <summary>Drops the anchor and what takes anything from one side.</summary>
    /// <returns>Whether that side is open.</returns>
    private static bool Trim(List<RegexNode> parts, RegexOp anchor, bool isFront)
    {
        bool isOpen = true;
        while (parts.Count > 0 && parts[Outer()].Op == anchor)
        {
            isOpen = false;
            parts.RemoveAt(Outer());
        }

        while (parts.Count > 0 && IsAnyText(parts[Outer()]))
        {
            isOpen = true;
            parts.RemoveAt(Outer());
        }

        if (parts.Count == 0)
            return isOpen;
        if (IsAnyNonEmptyText(parts[Outer()]))
        {
            isOpen = true;
            parts[Outer()] = parts[Outer()].Subs[0];
        }
        else if (TrimChoices(parts[Outer()], isFront) is { } trimmed)
        {
            isOpen = true;
            parts[Outer()] = trimmed;
        }

        return isOpen;

        int Outer() => isFront ? 0 : parts.Count - 1;
    }

    /// <summary>Drops what takes anything from one side of an alternation, if all choices have it; else null.</summary>
    private static RegexNode? TrimChoices(RegexNode node, bool isFront)
    {
        if (node.Op != RegexOp.Alternate)
            return null;
        foreach (RegexNode choice in node.Subs)
        {
            if (choice.Op != RegexOp.Concat || !IsAnyText(choice.Subs[isFront ? 0 : ^1]))
                return null;
        }

        return ChoiceTree.Create(Array.ConvertAll(
            node.Subs, choice => RegexNode.Concat(isFront ? choice.Subs[1..] : choice.Subs[..^1])));
    }

    private static RegexNode WithoutCaptures(RegexNode node)
    {
        if (node.Op == RegexOp.Capture)
            return WithoutCaptures(node.Subs[0]);
        if (node.Subs.Length == 0)
            return node;
        RegexNode[] subs = Array.ConvertAll(node.Subs, WithoutCaptures);
        return node.Op switch
        {
            RegexOp.Concat => RegexNode.Concat(subs),
            RegexOp.Alternate => ChoiceTree.Create(subs),
            _ => RegexNode.Repetition(node.Op, node.Min, node.Max, node.NonGreedy, subs[0]),
        };
    }

    /// <summary>Appends what every match of a node begins with.</summary>
    /// <returns>Whether that is all that the node matches, so that what follows counts too.</returns>
    private static bool AppendPrefix(RegexNode node, StringBuilder prefix)
    {
        switch (node.Op)
        {
            case RegexOp.Empty:
                return true;
            case RegexOp.Literal when IsPlainText(node):
                prefix.Append(new Rune(node.Rune));
                return true;
            case RegexOp.Concat:
                return Array.TrueForAll(node.Subs, sub => AppendPrefix(sub, prefix));
            case RegexOp.Alternate:
                prefix.Append(CommonPrefix(node.Subs));
                return false;
            case RegexOp.Plus:
            case RegexOp.Repeat when node.Min > 0:
                AppendPrefix(node.Subs[0], prefix);
                return false;
            default:
                return false;
        }
    }

    private static string CommonPrefix(RegexNode[] choices)
    {
        string? common = null;
        foreach (RegexNode choice in choices)
        {
            StringBuilder own = new();
            AppendPrefix(choice, own);
            string text = own.ToString();
            int length = common is null ? text.Length : text.AsSpan().CommonPrefixLength(common);
            if (length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]))
                length--;
            common = text[..length];
            if (length == 0)
                break;
        }

        return common ?? "";
    }
}
