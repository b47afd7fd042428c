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
        ParseExpression(Encoding.UTF8.GetBytes(text), options);

    /// <summary>Parses an expression.</summary>
    /// <param name="utf8">The expression; any bytes.</param>
    /// <param name="options">Which optional parts of the language are on; null for the defaults.</param>
    /// <exception cref="ParseException">The bytes are not a valid expression.</exception>
    public static Expression ParseExpression(ReadOnlyMemory<byte> utf8, ParserOptions? options = null) =>
        throw new NotSupportedException();

    /// <summary>Parses a series selector such as a <c>match[]</c> parameter: a name, matchers, or both.</summary>
    /// <param name="text">The selector.</param>
    /// <returns>The matchers; that of a name before the braces is the last.</returns>
    /// <exception cref="ParseException">The text is not a valid selector.</exception>
    public static IReadOnlyList<LabelMatcher> ParseMetricSelector(string text) => throw new NotSupportedException();

    /// <summary>Parses several series selectors.</summary>
    /// <param name="texts">The selectors.</param>
    /// <returns>The matchers of each.</returns>
    /// <exception cref="ParseException">One of the texts is not a valid selector.</exception>
    public static IReadOnlyList<IReadOnlyList<LabelMatcher>> ParseMetricSelectors(IReadOnlyList<string> texts) =>
        [.. texts.Select(ParseMetricSelector)];

    /// <summary>Parses a line of the series notation of test scripts: a metric and its values.</summary>
    /// <param name="text">For example <c>up{job="a"} 0 1 _ 2+1x3</c>.</param>
    /// <exception cref="ParseException">The text is not a valid series description.</exception>
    public static SeriesDescription ParseSeriesDescription(string text) => throw new NotSupportedException();
}
