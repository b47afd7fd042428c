using System.Runtime.InteropServices;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb;

/// <summary>
/// Finds the series of a block that match label matchers: the twin of <see cref="MatcherPostings"/>, which says how.
/// </summary>
/// <remarks>
/// A matcher that must look at the values of a name is asked last: when few series are left by then and the name has
/// many values, it is asked about the labels of these series instead.
/// </remarks>
internal static class BlockMatcherPostings
{
    // What reading the labels of a series costs, in looks at a value.
    private const int LabelsCost = 16;

    /// <summary>Finds the series.</summary>
    /// <param name="index">The index of the block.</param>
    /// <param name="matchers">Conditions, all of which hold.</param>
    /// <param name="watch">When to give up.</param>
    /// <returns>The refs of the series, ascending, which is the order of their labels; the caller's.</returns>
    /// <exception cref="CorruptDataException">The index is damaged.</exception>
    public static uint[] Find(
        IndexReader index, IReadOnlyList<LabelMatcher> matchers, ReadWatch? watch = null)
    {
        var wanted = new List<BlockPostingSource>();
        var unwanted = new List<BlockPostingSource>();
        var late = new List<LabelMatcher>();
        foreach (var matcher in matchers)
        {
            if (TryOffsets(index.Postings, matcher, out var offsets))
            {
                if (matcher.MatchesEmpty)
                {
                    if (offsets.Length > 0) unwanted.Add(BlockPostingSource.Unite(index, offsets));
                    continue;
                }

                var source = BlockPostingSource.Unite(index, offsets);
                if (source.Count == 0) return [];
                wanted.Add(source);
            }
            else
            {
                late.Add(matcher);
            }
        }

        if (wanted.Count == 0 && Start(index, late, watch) is { } start) wanted.Add(start);
        if (wanted.Count == 0) wanted.Add(BlockPostingSource.All(index));
        wanted.Sort((a, b) => a.Count.CompareTo(b.Count));
        var series = wanted[0].ToList();
        var count = series.Length;
        foreach (var source in CollectionsMarshal.AsSpan(wanted)[1..])
            count = source.Filter(series.AsSpan(0, count), keepMembers: true);
        foreach (var source in unwanted) count = source.Filter(series.AsSpan(0, count), keepMembers: false);
        foreach (var matcher in late) count = Filter(index, series.AsSpan(0, count), matcher, watch);
        return count == series.Length ? series : series[..count];
    }

    // Where nothing else says what to begin with, the first matcher that asks for a label does.
    private static BlockPostingSource? Start(IndexReader index, List<LabelMatcher> late, ReadWatch? watch)
    {
        var first = late.FindIndex(matcher => !matcher.MatchesEmpty);
        if (first < 0) return null;
        var start = BlockPostingSource.Unite(index, Scan(index.Postings, late[first], watch));
        late.RemoveAt(first);
        return start;
    }

    private static int Filter(IndexReader index, Span<uint> series, LabelMatcher matcher, ReadWatch? watch)
    {
        if (!index.Postings.TryFindName(matcher.NameUtf8.Span, out var name))
            return matcher.MatchesEmpty ? series.Length : 0;
        if ((long)series.Length * LabelsCost < name.ValueCount) return FilterByLabels(index, series, matcher);
        var source = BlockPostingSource.Unite(index, Scan(index.Postings, matcher, watch));
        return source.Filter(series, keepMembers: !matcher.MatchesEmpty);
    }

    private static int FilterByLabels(IndexReader index, Span<uint> series, LabelMatcher matcher)
    {
        if (!index.Symbols.TryFind(matcher.NameUtf8.Span, out var name))
            return matcher.MatchesEmpty ? series.Length : 0;
        var kept = 0;
        foreach (var candidate in series)
        {
            var value = index.TryFindValue(candidate, name, out var symbol) ? index.Symbols.Get(symbol) : default;
            if (matcher.Matches(value)) series[kept++] = candidate;
        }

        return kept;
    }

    // The lists that a matcher adds (or, when it matches the empty value, takes away), unless it must look at values.
    private static bool TryOffsets(IndexPostingsTable index, LabelMatcher matcher, out ReadOnlySpan<ulong> offsets)
    {
        offsets = [];
        if (!index.TryFindName(matcher.NameUtf8.Span, out var name)) return true;
        var matches = !matcher.MatchesEmpty;
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        if (matcher.Regex is null)
        {
            if (matcher.ValueUtf8.IsEmpty)
            {
                if (isPositive != matches) offsets = All(index, name);
                return true;
            }

            // The one value that is asked for, or the only one that is not.
            if (index.TryFind(name, matcher.ValueUtf8.Span, out var postings)) offsets = new[] { postings };
            return true;
        }

        if (matcher.Regex.MatchesAnything || matcher.Regex.MatchesAnyNonEmpty)
        {
            if (isPositive == matches) offsets = All(index, name);
            return true;
        }

        if (matcher.Regex.SetMatches is not { } values || isPositive != matches) return false;
        offsets = OffsetsOf(index, name, values);
        return true;
    }

    private static ulong[] All(IndexPostingsTable index, IndexLabelName name)
    {
        var offsets = new ulong[name.ValueCount];
        var values = index.Values(name);
        for (var i = 0; i < offsets.Length && values.MoveNext(); i++) offsets[i] = values.Postings;
        return offsets;
    }

    private static ReadOnlySpan<ulong> OffsetsOf(
        IndexPostingsTable index, IndexLabelName name, IReadOnlyList<string> values)
    {
        var offsets = new List<ulong>(values.Count);
        foreach (var value in values)
        {
            if (value.Length > 0 && index.TryFind(name, Encoding.UTF8.GetBytes(value), out var postings))
                offsets.Add(postings);
        }

        return CollectionsMarshal.AsSpan(offsets);
    }

    private static ReadOnlySpan<ulong> Scan(IndexPostingsTable index, LabelMatcher matcher, ReadWatch? watch)
    {
        if (!index.TryFindName(matcher.NameUtf8.Span, out var name)) return [];
        var matches = !matcher.MatchesEmpty;
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        var prefix = matcher.Regex?.LiteralPrefix is { } text ? Encoding.UTF8.GetBytes(text) : [];
        var offsets = new List<ulong>();
        var isPrefixed = isPositive && matches && prefix.Length > 0;
        var values = isPrefixed ? index.ValuesFrom(name, prefix) : index.Values(name);
        for (var looks = 0; values.MoveNext(); looks++)
        {
            watch?.Check(looks);
            if (isPrefixed && !values.Value.StartsWith(prefix) && values.Value.SequenceCompareTo(prefix) > 0) break;
            // What lacks the prefix is not matched by the expression, so a negated matcher holds for it.
            var holds = values.Value.StartsWith(prefix) ? matcher.Matches(values.Value) : !isPositive;
            if (holds == matches) offsets.Add(values.Postings);
        }

        return CollectionsMarshal.AsSpan(offsets);
    }
}
