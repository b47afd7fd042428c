// Hot path: IsMatch runs once per label value.
using System.Text;

namespace PromHost.Model;

/// <summary>
/// Matches literals in order with anything (of some least length) between: <c>foo.*</c>, <c>.*foo.*bar</c>, <c>.+</c>.
/// The first place where a literal fits is always as good as a later one, so nothing is ever tried twice.
/// </summary>
internal sealed class GlobMatcher : Utf8Matcher
{
    private const int NoGap = -1;

    private readonly byte[][] _literals;

    // Least number of code points before each literal and after the last, or NoGap: nothing may stand there.
    private readonly int[] _gaps;

    // Only ASCII, and only where the literal's place is fixed.
    private readonly bool _ignoresCase;

    private GlobMatcher(List<byte[]> literals, List<int> gaps, bool ignoresCase)
    {
        _literals = [.. literals];
        _gaps = [.. gaps];
        _ignoresCase = ignoresCase;
    }

    /// <summary>Makes a matcher when the shape is of this kind, else null.</summary>
    public static GlobMatcher? TryCreate(RegexShape shape)
    {
        List<byte[]> literals = [];
        List<int> gaps = [];
        StringBuilder run = new();
        int least = 0;
        bool isOpen = shape.IsOpenBegin;
        bool folds = false;
        bool hasPlainLetter = false;
        foreach (RegexNode part in shape.Parts)
        {
            if (part.Op == RegexOp.Literal)
            {
                if (run.Length == 0 && !AddGap(gaps, least, isOpen))
                    return null;
                if (!RegexShape.IsPlainText(part) && !FoldsAscii(part))
                    return null;
                folds |= part.FoldsCase;
                hasPlainLetter |= part.IsPlainLiteral && (part.Rune > 0x7F || char.IsAsciiLetter((char)part.Rune));
                run.Append(new Rune(part.Rune));
                (least, isOpen) = (0, false);
                continue;
            }

            if (RegexShape.IsAnyRune(part))
                least++;
            else if (RegexShape.IsAnyNonEmptyText(part))
                (least, isOpen) = (least + 1, true);
            else if (RegexShape.IsAnyText(part))
                isOpen = true;
            else
                return null;
            if (run.Length > 0)
                literals.Add(Encoding.UTF8.GetBytes(run.ToString()));
            run.Clear();
        }

        if (run.Length > 0)
            literals.Add(Encoding.UTF8.GetBytes(run.ToString()));
        if (!AddGap(gaps, least, isOpen || shape.IsOpenEnd) || (folds && hasPlainLetter))
            return null;
        GlobMatcher glob = new(literals, gaps, folds);
        return folds && !glob.HasFixedPlaces() ? null : glob;
    }

    public override bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        int first = 0;
        int last = _literals.Length;
        int begin = 0;
        int end = utf8.Length;
        if (last > 0 && _gaps[0] == NoGap)
        {
            if (!IsAt(utf8, _literals[0]))
                return false;
            begin = _literals[0].Length;
            first = 1;
        }

        if (last > first && _gaps[last] == NoGap)
        {
            byte[] suffix = _literals[last - 1];
            if (end - begin < suffix.Length || !IsAt(utf8[(end - suffix.Length)..], suffix))
                return false;
            end -= suffix.Length;
            last--;
        }

        for (int i = first; i < last; i++)
        {
            begin = Skip(utf8[..end], begin, _gaps[i]);
            int index = begin < 0 ? -1 : utf8[begin..end].IndexOf(_literals[i]);
            if (index < 0)
                return false;
            begin += index + _literals[i].Length;
        }

        return _gaps[last] == NoGap ? begin == end : Skip(utf8[..end], begin, _gaps[last]) >= 0;
    }

    private bool IsAt(ReadOnlySpan<byte> utf8, byte[] literal)
    {
        if (!_ignoresCase)
            return utf8.StartsWith(literal);
        return utf8.Length >= literal.Length && Ascii.EqualsIgnoreCase(utf8[..literal.Length], literal);
    }

    /// <summary>Passes over some code points.</summary>
    /// <returns>The offset after them, or -1 when there are fewer.</returns>
    private static int Skip(ReadOnlySpan<byte> utf8, int offset, int count)
    {
        for (; count > 0; count--)
        {
            if (offset >= utf8.Length)
                return -1;
            RuneClasses.Decode(utf8[offset..], out int width);
            offset += width;
        }

        return offset;
    }

    /// <summary>Notes the gap before a literal or at the end; a gap of a fixed length is none of ours.</summary>
    private static bool AddGap(List<int> gaps, int least, bool isOpen)
    {
        gaps.Add(isOpen ? least : NoGap);
        return isOpen || least == 0;
    }

    /// <summary>Whether a letter folds to its other ASCII case only: not so K and S.</summary>
    private static bool FoldsAscii(RegexNode literal) => literal.FoldsCase && CaseOrbits.Of(literal.Rune).Length == 2
        && char.IsAscii((char)literal.Rune) && literal.Rune < 0x80;

    private bool HasFixedPlaces() =>
        (_literals.Length == 1 && (_gaps[0] == NoGap || _gaps[1] == NoGap))
        || (_literals.Length == 2 && _gaps[0] == NoGap && _gaps[2] == NoGap);
}
