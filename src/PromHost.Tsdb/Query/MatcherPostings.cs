using System.Runtime.InteropServices;
using System.Text;
using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb;

/// <summary>Finds the series that match label matchers (Prometheus: <c>PostingsForMatchers</c>).</summary>
/// <remarks>
/// A matcher that does not match the empty value asks for a label: the series of the matching values are intersected,
/// smallest set first. A matcher that does match it holds for all series but those with a value that does not match:
/// these are taken away. Without any of the first kind, all series are the start. A matcher that must look at the
/// values of a name is asked last: when few series are left by then and the name has many values, it is asked about the
/// labels of these series instead.
/// </remarks>
internal static class MatcherPostings
{
    // What reading the labels of a series costs, in looks at a value.
    private const int LabelsCost = 6;

    // Of fewer values it is not worth keeping which match.
    private const int MinValuesToKeep = 512;

    /// <summary>Finds the series.</summary>
    /// <param name="head">Whose series.</param>
    /// <param name="maxOrdinal">Series with higher ordinals are left out.</param>
    /// <param name="matchers">Conditions, all of which hold.</param>
    /// <param name="count">The number of series found.</param>
    /// <param name="watch">When to give up, and where to tell of what is remembered.</param>
    /// <returns>The series, in the order of their creation, from index 0 on; the caller's.</returns>
    public static int[] Find(
        Head head, int maxOrdinal, IReadOnlyList<LabelMatcher> matchers, out int count, ReadWatch? watch = null)
    {
        var index = head.Index;
        var wanted = new List<PostingSource>();
        var unwanted = new List<PostingSource>();
        var late = new List<LabelMatcher>();
        count = 0;
        foreach (var matcher in matchers)
        {
            if (!TryPairs(index, matcher, out var pairs))
            {
                late.Add(matcher);
                continue;
            }

            if (matcher.MatchesEmpty)
            {
                if (pairs.Length > 0) unwanted.Add(PostingSource.Unite(index, pairs, maxOrdinal));
                continue;
            }

            var source = PostingSource.Unite(index, pairs, maxOrdinal);
            if (source.Count == 0) return [];
            wanted.Add(source);
        }

        if (wanted.Count == 0 && late.FindIndex(matcher => !matcher.MatchesEmpty) is >= 0 and var first)
        {
            wanted.Add(PostingSource.Unite(index, Scan(index, late[first], watch), maxOrdinal));
            late.RemoveAt(first);
        }

        wanted.Sort((a, b) => a.Count.CompareTo(b.Count));
        watch?.Hold((wanted.Count > 0 ? wanted[0].Count : Math.Min(index.Ordinals.Count, maxOrdinal)) * sizeof(int));
        var ordinals = wanted.Count > 0 ? wanted[0].ToList() : All(index.Ordinals, maxOrdinal);
        count = wanted.Count > 0 ? wanted[0].Count : ordinals.Length;
        foreach (var source in CollectionsMarshal.AsSpan(wanted)[Math.Min(1, wanted.Count)..])
            count = source.Filter(ordinals.AsSpan(0, count), keepMembers: true);
        foreach (var source in unwanted)
            count = source.Filter(ordinals.AsSpan(0, count), keepMembers: false);
        foreach (var matcher in late)
            count = Filter(head, ordinals.AsSpan(0, count), matcher, maxOrdinal, watch);
        count = index.Ordinals.ToSeries(ordinals.AsSpan(0, count));
        return ordinals;
    }

    private static int Filter(
        Head head, Span<int> ordinals, LabelMatcher matcher, int maxOrdinal, ReadWatch? watch)
    {
        if (!head.Index.TryFindName(matcher.NameUtf8.Span, out var name))
            return matcher.MatchesEmpty ? ordinals.Length : 0;
        if ((long)ordinals.Length * LabelsCost < head.Index.Name(name).Pairs.Length)
            return FilterByLabels(head, ordinals, matcher, name);
        var source = PostingSource.Unite(head.Index, Scan(head.Index, matcher, watch), maxOrdinal);
        return source.Filter(ordinals, keepMembers: !matcher.MatchesEmpty);
    }

    private static int FilterByLabels(Head head, Span<int> ordinals, LabelMatcher matcher, int name)
    {
        var kept = 0;
        foreach (var ordinal in ordinals)
        {
            var series = head.Index.Ordinals.SeriesOf(ordinal);
            // A series may have gone meanwhile.
            if (series != 0 && matcher.Matches(ValueOf(head, series, name))) ordinals[kept++] = ordinal;
        }

        return kept;
    }

    private static ReadOnlySpan<byte> ValueOf(Head head, int series, int name)
    {
        foreach (var pair in head.Table.PairsOf(series))
            if (head.Index.NameNumberOf(pair) == name) return head.Index.ValueOf(pair);
        return [];
    }

    private static int[] All(SeriesOrdinals ordinals, int maxOrdinal)
    {
        var all = new List<int>(Math.Min(ordinals.Count, maxOrdinal));
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, maxOrdinal, out _); ordinal++) all.Add(ordinal);
        return [.. all];
    }

    // The pairs whose series a matcher adds (or, when it matches the empty value, takes away), unless it must look at
    // values.
    private static bool TryPairs(LabelIndex index, LabelMatcher matcher, out ReadOnlySpan<int> pairs)
    {
        pairs = [];
        if (!index.TryFindName(matcher.NameUtf8.Span, out var name)) return true;
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        var matches = !matcher.MatchesEmpty;
        if (matcher.Regex is null)
        {
            if (matcher.ValueUtf8.IsEmpty)
            {
                if (isPositive != matches) pairs = index.Name(name).Pairs;
                return true;
            }

            // The one value that is asked for, or the only one that is not.
            if (index.TryFindPair(name, matcher.ValueUtf8.Span, out var pair)) pairs = new[] { pair };
            return true;
        }

        if (matcher.Regex.MatchesAnything || matcher.Regex.MatchesAnyNonEmpty)
        {
            if (isPositive == matches) pairs = index.Name(name).Pairs;
            return true;
        }

        if (matcher.Regex.SetMatches is not { } values || isPositive != matches) return false;
        pairs = PairsOfValues(index, name, values);
        return true;
    }

    private static ReadOnlySpan<int> PairsOfValues(LabelIndex index, int name, IReadOnlyList<string> values)
    {
        var pairs = new List<int>(values.Count);
        foreach (var value in values)
        {
            if (value.Length > 0 && index.TryFindPair(name, Encoding.UTF8.GetBytes(value), out var pair))
                pairs.Add(pair);
        }

        return CollectionsMarshal.AsSpan(pairs);
    }

    private static ReadOnlySpan<int> Scan(LabelIndex index, LabelMatcher matcher, ReadWatch? watch)
    {
        if (!index.TryFindName(matcher.NameUtf8.Span, out var number)) return [];
        var name = index.Name(number);
        var all = name.PairsWithSweeps(out var sweeps);
        if (all.Length < MinValuesToKeep || matcher.Regex is null) return Scan(index, all, [], matcher, watch);
        var isKnown = name.Matched.TryGet(matcher, sweeps, out var known, out var looked);
        watch?.CountLookup(isKnown && looked <= all.Length);
        // Others may have looked at more of the list than was there for this query.
        if (isKnown && looked == all.Length) return known;
        if (looked > all.Length) return Scan(index, all, [], matcher, watch);
        var pairs = Scan(index, all[looked..], known, matcher, watch).ToArray();
        name.Matched.Put(matcher, sweeps, pairs, all.Length);
        return pairs;
    }

    private static ReadOnlySpan<int> Scan(
        LabelIndex index, ReadOnlySpan<int> among, ReadOnlySpan<int> known, LabelMatcher matcher, ReadWatch? watch)
    {
        var matches = !matcher.MatchesEmpty;
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        var prefix = matcher.Regex?.LiteralPrefix is { } text ? Encoding.UTF8.GetBytes(text) : [];
        var pairs = new List<int>([.. known]);
        var looks = 0;
        foreach (var pair in among)
        {
            watch?.Check(looks++);
            var value = index.ValueOf(pair);
            // What lacks the prefix is not matched by the expression, so a negated matcher holds for it.
            var holds = value.StartsWith(prefix) ? matcher.Matches(value) : !isPositive;
            if (holds == matches) pairs.Add(pair);
        }

        return CollectionsMarshal.AsSpan(pairs);
    }
}
