namespace PromHost.Model;

/// <summary>How a <see cref="LabelMatcher"/> compares.</summary>
public enum MatchType
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>=~</c></summary>
    RegexMatch,

    /// <summary><c>!~</c></summary>
    NotRegexMatch,
}
