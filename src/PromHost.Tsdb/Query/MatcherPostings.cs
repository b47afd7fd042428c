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
/// these are taken away. Without any of the first kind, all series are the start.
/// </remarks>
internal static class MatcherPostings
{
    /// <summary>Finds the series.</summary>
    /// <param name="index">The postings.</param>
    /// <param name="maxOrdinal">Series with higher ordinals are left out.</param>
    /// <param name="matchers">Conditions, all of which hold.</param>
    /// <param name="count">The number of series found.</param>
    /// <param name="watch">When to give up.</param>
    /// <returns>The series, in the order of their creation, from index 0 on; the caller's.</returns>
    public static int[] Find(
        LabelIndex index, int maxOrdinal, IReadOnlyList<LabelMatcher> matchers, out int count,
        ReadWatch? watch = null)
    {
        var wanted = new List<PostingSource>();
        var unwanted = new List<PostingSource>();
        count = 0;
        foreach (var matcher in matchers)
        {
            if (matcher.MatchesEmpty)
            {
                var pairs = PairsOf(index, matcher, matches: false, watch);
                if (pairs.Length > 0) unwanted.Add(PostingSource.Unite(index, pairs, maxOrdinal));
                continue;
            }

            var source = PostingSource.Unite(index, PairsOf(index, matcher, matches: true, watch), maxOrdinal);
            if (source.Count == 0) return [];
            wanted.Add(source);
        }

        wanted.Sort((a, b) => a.Count.CompareTo(b.Count));
        var ordinals = wanted.Count > 0 ? wanted[0].ToList() : All(index.Ordinals, maxOrdinal);
        count = wanted.Count > 0 ? wanted[0].Count : ordinals.Length;
        foreach (var source in CollectionsMarshal.AsSpan(wanted)[Math.Min(1, wanted.Count)..])
            count = source.Filter(ordinals.AsSpan(0, count), keepMembers: true);
        foreach (var source in unwanted)
            count = source.Filter(ordinals.AsSpan(0, count), keepMembers: false);
        count = index.Ordinals.ToSeries(ordinals.AsSpan(0, count));
        return ordinals;
    }

    private static int[] All(SeriesOrdinals ordinals, int maxOrdinal)
    {
        var all = new List<int>(Math.Min(ordinals.Count, maxOrdinal));
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, maxOrdinal, out _); ordinal++) all.Add(ordinal);
        return [.. all];
    }

    // The pairs of the matcher's name whose value it matches, or does not match.
    private static ReadOnlySpan<int> PairsOf(LabelIndex index, LabelMatcher matcher, bool matches, ReadWatch? watch)
    {
        if (!index.TryFindName(matcher.NameUtf8.Span, out var name)) return [];
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        if (matcher.Regex is null)
        {
            if (matcher.ValueUtf8.IsEmpty) return isPositive == matches ? [] : index.Name(name).Pairs;
            if (isPositive == matches)
                return index.TryFindPair(name, matcher.ValueUtf8.Span, out var pair) ? new[] { pair } : [];
        }
        else
        {
            if (matcher.Regex.MatchesAnything || matcher.Regex.MatchesAnyNonEmpty)
                return isPositive == matches ? index.Name(name).Pairs : [];
            if (matcher.Regex.SetMatches is { } values && isPositive == matches)
                return PairsOfValues(index, name, values);
        }

        return Scan(index, index.Name(name), matcher, matches, watch);
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

    private static ReadOnlySpan<int> Scan(
        LabelIndex index, LabelName name, LabelMatcher matcher, bool matches, ReadWatch? watch)
    {
        var isPositive = matcher.Type is MatchType.Equal or MatchType.RegexMatch;
        var prefix = matcher.Regex?.LiteralPrefix is { } text ? Encoding.UTF8.GetBytes(text) : [];
        var pairs = new List<int>();
        var looks = 0;
        foreach (var pair in name.Pairs)
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
