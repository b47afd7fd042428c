using System.Text;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Turns PromQL text into a typed syntax tree. All argument and type checks happen here, once. Safe to call from any
/// thread; the tree shares no state with the text.
/// </summary>
public static class Parser
{
    /// <summary>Parses an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="options">Which optional parts of the language are on; null for the defaults.</param>
    /// <exception cref="ParseException">The text is not a valid expression.</exception>
    public static Expression ParseExpression(string text, ParserOptions? options = null) =>
        ParseExpression(Encoding.UTF8.GetBytes(text).AsSpan(), options);

    /// <summary>Parses an expression.</summary>
    /// <param name="utf8">The expression; any bytes.</param>
    /// <param name="options">Which optional parts of the language are on; null for the defaults.</param>
    /// <exception cref="ParseException">The bytes are not a valid expression.</exception>
    public static Expression ParseExpression(ReadOnlySpan<byte> utf8, ParserOptions? options = null)
    {
        var tokens = new TokenStream(utf8.ToArray(), inSeries: false);
        var expression = new ExpressionParser(tokens, options ?? ParserOptions.Default).ParseWhole();
        if (tokens.Errors.Count == 0) new TypeChecker(tokens).Check(expression!);
        ThrowIfWrong(tokens);
        return expression!;
    }

    /// <summary>Parses a series selector such as a <c>match[]</c> parameter: a name, matchers, or both.</summary>
    /// <param name="text">The selector.</param>
    /// <returns>The matchers; that of a name before the braces is the last.</returns>
    /// <exception cref="ParseException">The text is not a valid selector.</exception>
    public static IReadOnlyList<LabelMatcher> ParseMetricSelector(string text)
    {
        var tokens = new TokenStream(Encoding.UTF8.GetBytes(text), inSeries: false);
        var name = tokens.Peek();
        if (name.IsMetricName) tokens.Take();
        var selector = new SelectorParser(tokens).Parse(name.IsMetricName ? name : null);
        ExpressionParser.Finish(tokens, selector is not null);
        ThrowIfWrong(tokens);
        return selector!.Matchers;
    }

    /// <summary>Parses several series selectors.</summary>
    /// <param name="texts">The selectors.</param>
    /// <returns>The matchers of each.</returns>
    /// <exception cref="ParseException">One of the texts is not a valid selector.</exception>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> ParseMetricSelectors(IReadOnlyList<string> texts) =>
        [.. texts.Select(ParseMetricSelector)];

    /// <summary>Parses a line of the series notation of test scripts: a metric and its values.</summary>
    /// <param name="text">For example <c>up{job="a"} 0 1 _ 2+1x3</c>.</param>
    /// <exception cref="ParseException">The text is not a valid series description.</exception>
    public static SeriesDescription ParseSeriesDescription(string text)
    {
        var tokens = new TokenStream(Encoding.UTF8.GetBytes(text), inSeries: true);
        var description = new SeriesParser(tokens).ParseWhole();
        ThrowIfWrong(tokens);
        return description;
    }

    private static void ThrowIfWrong(TokenStream tokens)
    {
        if (tokens.Errors.Count > 0) throw ParseException.From(tokens.Text, tokens.Errors);
    }
}
