namespace PromHost.Model;

/// <summary>
/// A pattern that RE2 refuses. <see cref="Exception.Message"/> is the text Go's regexp package gives, for example
/// <c>error parsing regexp: missing closing ): `a(b`</c>.
/// </summary>
public sealed class Re2SyntaxException : FormatException
{
    internal Re2SyntaxException(string reason, string fragment)
        : base($"error parsing regexp: {reason}: `{fragment}`")
    {
        Reason = reason;
        Fragment = fragment;
    }

    /// <summary>What is wrong, in Go's words, without the offending text.</summary>
    public string Reason { get; }

    /// <summary>The part of the pattern that is wrong, as Go quotes it.</summary>
    public string Fragment { get; }
}
