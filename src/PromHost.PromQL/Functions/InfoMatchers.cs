using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Which info series the function <c>info</c> looks at, and which of their labels it takes.</summary>
internal sealed class InfoMatchers
{
    private InfoMatchers(LabelMatcher[] names, LabelMatcher[] data)
    {
        Names = names;
        Data = data;
    }

    /// <summary>What the name of an info series must match.</summary>
    public IReadOnlyList<LabelMatcher> Names { get; }

    /// <summary>What other labels must match; when there are any, labels of these names only are taken.</summary>
    public IReadOnlyList<LabelMatcher> Data { get; }

    /// <summary>All matchers of the selector of info series.</summary>
    public IReadOnlyList<LabelMatcher> All => [.. Data, .. Names];

    /// <summary>Reads the second argument of a call, if there is one.</summary>
    public static InfoMatchers Of(Call call)
    {
        if (call.Arguments.Count < 2) return new InfoMatchers(Effective([]), []);
        var matchers = ((VectorSelector)call.Arguments[1].WithoutParentheses()).Matchers;
        return new InfoMatchers(
            Effective([.. matchers.Where(IsOfName)]), [.. matchers.Where(static m => !IsOfName(m))]);
    }

    /// <summary>Is a series of this name an info series?</summary>
    public bool MatchesName(ReadOnlySpan<byte> name)
    {
        foreach (var matcher in Names)
        {
            if (!matcher.Matches(name)) return false;
        }

        return true;
    }

    /// <summary>Is a label taken from info series?</summary>
    public bool Takes(ReadOnlySpan<byte> name)
    {
        foreach (var matcher in Data)
        {
            if (matcher.NameUtf8.Span.SequenceEqual(name)) return true;
        }

        return Data.Count == 0;
    }

    // Without a word about the name it is target_info; with "not this" only, whatever ends in _info.
    private static LabelMatcher[] Effective(LabelMatcher[] names)
    {
        if (names.Length == 0) return [new LabelMatcher(Model.MatchType.Equal, Labels.MetricName, "target_info")];
        return Array.Exists(names, static m => m.Type is Model.MatchType.Equal or Model.MatchType.RegexMatch)
            ? names
            : [new LabelMatcher(Model.MatchType.RegexMatch, Labels.MetricName, ".+_info"), .. names];
    }

    private static bool IsOfName(LabelMatcher matcher) =>
        string.Equals(matcher.Name, Labels.MetricName, StringComparison.Ordinal);
}
