using System.Text;
using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>What a text must be: exactly so, or matched by an expression, or anything.</summary>
internal sealed class TextExpectation
{
    private readonly string? _text;
    private readonly Re2? _pattern;

    private TextExpectation(string? text, Re2? pattern)
    {
        _text = text;
        _pattern = pattern;
    }

    /// <summary>Any text.</summary>
    public static TextExpectation Anything { get; } = new(null, null);

    /// <summary>Exactly this text.</summary>
    public static TextExpectation Exactly(string text) => new(text, null);

    /// <summary>A text in which the expression finds a match.</summary>
    /// <exception cref="ScriptException">It is no RE2 expression.</exception>
    public static TextExpectation Matching(string pattern)
    {
        try
        {
            return new TextExpectation(null, Re2.Compile(pattern));
        }
        catch (Re2SyntaxException e)
        {
            throw new ScriptException(ScriptFailure.InvalidScript, $"invalid regexp '{pattern}': {e.Message}", e);
        }
    }

    /// <summary>Is the text as expected?</summary>
    public bool IsMet(string text) =>
        _text is not null ? string.Equals(_text, text, StringComparison.Ordinal)
        : _pattern is null || _pattern.IsMatch(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public override string ToString() =>
        _text is not null ? $"text \"{_text}\""
        : _pattern is not null ? $"match of \"{_pattern.Pattern}\""
        : "any text";
}
