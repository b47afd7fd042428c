using System.Text;

namespace PromHost.Model;

/// <summary>A condition on the value of one label. A label that a series lacks counts as empty. Thread-safe.</summary>
public sealed class LabelMatcher : IEquatable<LabelMatcher>
{
    private readonly byte[] _value;

    /// <summary>Makes a matcher; a regular expression is anchored at both ends.</summary>
    /// <exception cref="Re2SyntaxException">The value of a regex matcher is not a valid expression.</exception>
    public LabelMatcher(MatchType type, string name, string value)
    {
        Type = type;
        Name = name;
        Value = value;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        _value = Encoding.UTF8.GetBytes(value);
        if (type is MatchType.RegexMatch or MatchType.NotRegexMatch) Regex = Re2.CompileAnchored(value);
        MatchesEmpty = Matches(default);
    }

    /// <summary>How it compares.</summary>
    public MatchType Type { get; }

    /// <summary>The label's name.</summary>
    public string Name { get; }

    /// <summary>The value or pattern to compare with, as written.</summary>
    public string Value { get; }

    /// <summary>The label's name as bytes.</summary>
    public ReadOnlyMemory<byte> NameUtf8 { get; }

    /// <summary>The value to compare with as bytes.</summary>
    public ReadOnlyMemory<byte> ValueUtf8 => _value;

    /// <summary>The compiled expression of a regex matcher, else null.</summary>
    public Re2? Regex { get; }

    /// <summary>Does it match a series that lacks the label?</summary>
    public bool MatchesEmpty { get; }

    /// <summary>Does it match this value?</summary>
    public bool Matches(ReadOnlySpan<byte> value) => Type switch
    {
        MatchType.Equal => value.SequenceEqual(_value),
        MatchType.NotEqual => !value.SequenceEqual(_value),
        MatchType.RegexMatch => Regex!.IsMatch(value),
        _ => !Regex!.IsMatch(value),
    };

    /// <inheritdoc/>
    public bool Equals(LabelMatcher? other) => other is not null && Type == other.Type &&
        string.Equals(Name, other.Name, StringComparison.Ordinal) &&
        string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelMatcher);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Name, Value);

    /// <summary>The matcher as written in a selector: <c>job=~"a|b"</c>; a name that needs quotes has them.</summary>
    public override string ToString()
    {
        var name = LabelNames.IsLegacyValid(NameUtf8.Span) ? Name : GoText.Quote(NameUtf8.Span);
        return name + Symbol(Type) + GoText.Quote(_value);
    }

    private static string Symbol(MatchType type) => type switch
    {
        MatchType.Equal => "=",
        MatchType.NotEqual => "!=",
        MatchType.RegexMatch => "=~",
        _ => "!~",
    };
}
