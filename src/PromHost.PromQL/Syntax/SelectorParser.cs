using System.Text;
using PromHost.Model;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.PromQL;

/// <summary>Parses what stands in braces, and lists of label names.</summary>
internal sealed class SelectorParser(TokenStream tokens)
{
    private const string Matching = "label matching";
    private const string Grouping = "grouping opts";

    /// <summary>Parses a selector.</summary>
    /// <param name="name">The name before the braces, already taken, or null.</param>
    /// <returns>The selector, or null while unwinding.</returns>
    public VectorSelector? Parse(Token? name)
    {
        var matchers = new List<LabelMatcher>();
        var position = name?.Position ?? default;
        if (tokens.Peek().Kind == TokenKind.LeftBrace)
        {
            var open = tokens.Take();
            if (!TryParseMatchers(matchers, out var end)) return null;
            position = new PositionRange(name?.Start ?? open.Start, end);
        }
        else if (name is null)
        {
            return null;
        }

        var text = name is { } token ? tokens.TextOf(token) : "";
        if (name is not null) matchers.Add(new LabelMatcher(MatchType.Equal, Labels.MetricName, text));
        return new VectorSelector(text, matchers, position);
    }

    /// <summary>Parses a list of labels in parentheses.</summary>
    /// <returns>The labels, or null while unwinding.</returns>
    public IReadOnlyList<string>? ParseGroupingLabels()
    {
        var labels = new List<string>();
        if (!tokens.TryTake(TokenKind.LeftParen)) return tokens.TryRecover(Grouping, "\"(\"") ? labels : null;
        if (tokens.TryTake(TokenKind.RightParen)) return labels;
        while (true)
        {
            if (!TryParseGroupingLabel(labels)) return null;
            while (tokens.Peek().Kind is not (TokenKind.Comma or TokenKind.RightParen))
            {
                if (tokens.TrySkip()) continue;
                if (!tokens.TryRecover(Grouping, "\",\" or \")\"")) return null;
            }

            if (tokens.Take().Kind == TokenKind.RightParen) return labels;
            if (tokens.TryTake(TokenKind.RightParen)) return labels;
        }
    }

    private bool TryParseGroupingLabel(List<string> labels)
    {
        var token = tokens.Peek();
        if (!token.IsLabelName && token.Kind != TokenKind.String) return tokens.TryRecover(Grouping, "label");
        tokens.Take();
        var label = token.Kind == TokenKind.String ? ReadString(token) : tokens.TextOf(token);
        if (!IsValidLabelName(token, label))
            tokens.Report(token.Position, "invalid label name for grouping: " + QuoteValue(token, label));
        labels.Add(label);
        return true;
    }

    private bool TryParseMatchers(List<LabelMatcher> matchers, out int end)
    {
        end = 0;
        if (tokens.Peek().Kind != TokenKind.RightBrace && !TryParseMatcherList(matchers)) return false;
        end = tokens.Take().End;
        return true;
    }

    // Ends before the closing brace.
    private bool TryParseMatcherList(List<LabelMatcher> matchers)
    {
        while (true)
        {
            if (!TryParseMatcher(matchers)) return false;
            while (tokens.Peek().Kind is not (TokenKind.Comma or TokenKind.RightBrace))
            {
                if (tokens.TrySkip()) continue;
                if (!tokens.TryRecover(Matching, "\",\" or \"}\"")) return false;
            }

            if (tokens.Peek().Kind == TokenKind.RightBrace) return true;
            tokens.Take();
            if (tokens.Peek().Kind == TokenKind.RightBrace) return true;
        }
    }

    private bool TryParseMatcher(List<LabelMatcher> matchers)
    {
        var label = tokens.Peek();
        if (label.Kind is not (TokenKind.Identifier or TokenKind.String))
            return tokens.TryRecover(Matching, "identifier or \"}\"");
        tokens.Take();
        var name = label.Kind == TokenKind.String ? ReadString(label) : tokens.TextOf(label);
        MatchType? type = tokens.Peek().Kind switch
        {
            TokenKind.Assign => MatchType.Equal,
            TokenKind.NotEqual => MatchType.NotEqual,
            TokenKind.RegexMatch => MatchType.RegexMatch,
            TokenKind.NotRegexMatch => MatchType.NotRegexMatch,
            _ => null,
        };
        if (type is null)
        {
            if (label.Kind == TokenKind.Identifier) return tokens.TryRecover(Matching, "label matching operator");
            matchers.Add(new LabelMatcher(MatchType.Equal, Labels.MetricName, name));
            return true;
        }

        tokens.Take();
        if (tokens.Peek().Kind != TokenKind.String) return tokens.TryRecover(Matching, "string");
        var value = tokens.Take();
        AddMatcher(matchers, type.Value, name, label, value);
        return true;
    }

    private void AddMatcher(List<LabelMatcher> matchers, MatchType type, string name, Token label, Token value)
    {
        try
        {
            matchers.Add(new LabelMatcher(type, name, ReadString(value)));
        }
        catch (Re2SyntaxException e)
        {
            tokens.Report(new PositionRange(label.Start, value.End), e.Message);
        }
    }

    private string ReadString(Token literal) =>
        Encoding.UTF8.GetString(StringScanner.Unquote(tokens.WrittenOf(literal)));

    // Escapes can make a string that is not UTF-8, which no label name may be.
    private bool IsValidLabelName(Token token, string label) => label.Length > 0 &&
        (token.Kind != TokenKind.String ||
            System.Text.Unicode.Utf8.IsValid(StringScanner.Unquote(tokens.WrittenOf(token))));

    private string QuoteValue(Token token, string label) => token.Kind == TokenKind.String
        ? GoText.Quote(StringScanner.Unquote(tokens.WrittenOf(token)))
        : GoText.Quote(label);
}
