using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Parses what may follow a selector: ranges, subqueries, <c>offset</c>, <c>@</c> and the like.</summary>
internal sealed class ModifierParser(TokenStream tokens, ParserOptions options, DurationParser durations)
{
    private const string OnlySelectors = "ranges only allowed for vector selectors";
    private const string Together = "anchored and smoothed modifiers cannot be used together";

    // 2^63, the first number of seconds that upstream refuses on either side.
    private const double TimestampBound = 9223372036854775808;

    /// <summary>Parses a range or a subquery.</summary>
    /// <returns>The new expression; the operand after a reported error; null while unwinding.</returns>
    public Expression? ParseBrackets(Expression operand)
    {
        var open = tokens.Take();
        var range = durations.ParsePositive();
        if (range is null)
        {
            return Recover(
                operand, "subquery or range selector", "number, duration, step(), or range()");
        }

        switch (tokens.Peek().Kind)
        {
            case TokenKind.RightBracket:
                return NewRange(operand, range, new PositionRange(open.Start, tokens.Take().End));
            case TokenKind.Colon:
                tokens.Take();
                break;
            default:
                return Recover(operand, "subquery or range", "\":\" or \"]\"");
        }

        Expression? step = null;
        if (tokens.Peek().Kind != TokenKind.RightBracket)
        {
            step = durations.ParsePositive();
            if (step is null)
                return Recover(operand, "subquery selector", "number, duration, step(), range(), or \"]\"");
            if (tokens.Peek().Kind != TokenKind.RightBracket)
                return Recover(operand, "subquery selector", "\"]\"");
        }

        return new SubqueryExpression(operand, new PositionRange(operand.Position.Start, tokens.Take().End))
        {
            RangeMs = MillisecondsOf(range),
            RangeExpression = range as DurationExpression,
            StepMs = step is null ? 0 : MillisecondsOf(step),
            StepExpression = step as DurationExpression,
        };
    }

    /// <summary>Parses <c>offset</c>.</summary>
    /// <returns>The new expression; the operand after a reported error; null while unwinding.</returns>
    public Expression? ParseOffset(Expression operand)
    {
        tokens.Take();
        var offset = durations.ParseOffset();
        if (offset is null) return Recover(operand, "offset", "number, duration, step(), or range()");
        var (isSet, isAllowed) = operand switch
        {
            VectorSelector s => (s.OffsetMs != 0 || s.OffsetExpression is not null, true),
            MatrixSelector m => (m.Selector.OffsetMs != 0 || m.Selector.OffsetExpression is not null, true),
            SubqueryExpression q => (q.OffsetMs != 0 || q.OffsetExpression is not null, true),
            _ => (false, false),
        };
        if (!isAllowed) ReportNotSelector(operand, "offset modifier");
        else if (isSet) tokens.Report(operand.Position, "offset may not be set multiple times");
        var offsetMs = MillisecondsOf(offset);
        var expression = offset as DurationExpression;
        return operand switch
        {
            VectorSelector s => Closed(s with { OffsetMs = offsetMs, OffsetExpression = expression }),
            MatrixSelector m => Closed(
                m with { Selector = m.Selector with { OffsetMs = offsetMs, OffsetExpression = expression } }),
            SubqueryExpression q => Closed(q with { OffsetMs = offsetMs, OffsetExpression = expression }),
            _ => operand,
        };
    }

    /// <summary>Parses <c>@</c>.</summary>
    /// <returns>The new expression; the operand after a reported error; null while unwinding.</returns>
    public Expression? ParseAt(Expression operand)
    {
        tokens.Take();
        long? atMs = null;
        var anchor = AtAnchor.None;
        if (tokens.Peek().Kind is TokenKind.Start or TokenKind.EndAnchor)
        {
            anchor = tokens.Take().Kind == TokenKind.Start ? AtAnchor.Start : AtAnchor.End;
            if (!tokens.TryExpect(TokenKind.LeftParen) || !tokens.TryExpect(TokenKind.RightParen))
                return Recover(operand, "@", "timestamp");
        }
        else if (ParseTimestamp() is { } seconds)
        {
            if (double.IsNaN(seconds) || Math.Abs(seconds) >= TimestampBound)
            {
                tokens.Report(
                    operand.Position, "timestamp out of bounds for @ modifier: " + GoFloat.FormatGeneral(seconds));
            }

            atMs = (long)Math.Round(seconds * 1000, MidpointRounding.AwayFromZero);
        }
        else
        {
            return Recover(operand, "@", "timestamp");
        }

        var (isSet, isAllowed) = operand switch
        {
            VectorSelector s => (s.AtMs is not null || s.At != AtAnchor.None, true),
            MatrixSelector m => (m.Selector.AtMs is not null || m.Selector.At != AtAnchor.None, true),
            SubqueryExpression q => (q.AtMs is not null || q.At != AtAnchor.None, true),
            _ => (false, false),
        };
        if (!isAllowed) ReportNotSelector(operand, "@ modifier");
        else if (isSet) tokens.Report(operand.Position, "@ <timestamp> may not be set multiple times");
        return operand switch
        {
            _ when isSet => operand,
            VectorSelector s => Closed(s with { AtMs = atMs, At = anchor }),
            MatrixSelector m => Closed(m with { Selector = m.Selector with { AtMs = atMs, At = anchor } }),
            SubqueryExpression q => Closed(q with { AtMs = atMs, At = anchor }),
            _ => operand,
        };
    }

    /// <summary>Parses <c>anchored</c>.</summary>
    public Expression ParseAnchored(Expression operand)
    {
        tokens.Take();
        if (!TryExtend(operand, "anchored")) return operand;
        var result = operand switch
        {
            VectorSelector s => s with { IsAnchored = true },
            MatrixSelector m => m with { Selector = m.Selector with { IsAnchored = true } },
            _ => operand,
        };
        CheckTogether(result);
        return result;
    }

    /// <summary>Parses <c>smoothed</c>.</summary>
    public Expression ParseSmoothed(Expression operand)
    {
        tokens.Take();
        if (!TryExtend(operand, "smoothed")) return operand;
        var result = operand switch
        {
            VectorSelector s => s with { IsSmoothed = true },
            MatrixSelector m => m with { Selector = m.Selector with { IsSmoothed = true } },
            _ => operand,
        };
        CheckTogether(result);
        return result;
    }

    private static long MillisecondsOf(Expression duration) =>
        duration is NumberLiteral literal ? NumberText.ToMilliseconds(literal.Value) : 0;

    private Expression? Recover(Expression operand, string context, string expected) =>
        tokens.TryRecover(context, expected) ? operand : null;

    private Expression NewRange(Expression operand, Expression range, PositionRange brackets)
    {
        var message = operand switch
        {
            VectorSelector { OffsetMs: 0, OffsetExpression: null, AtMs: null, At: AtAnchor.None } => null,
            VectorSelector { OffsetMs: 0, OffsetExpression: null } => "no @ modifiers allowed before range",
            VectorSelector => "no offset modifiers allowed before range",
            _ => OnlySelectors,
        };
        if (message is not null) tokens.Report(brackets, message);
        var position = new PositionRange(operand.Position.Start, brackets.End);
        return operand is VectorSelector selector
            ? new MatrixSelector(selector, MillisecondsOf(range), range as DurationExpression, position)
            : new InvalidRange(position);
    }

    private double? ParseTimestamp()
    {
        var isNegative = false;
        if (tokens.Peek().Kind is TokenKind.Add or TokenKind.Subtract)
            isNegative = tokens.Take().Kind == TokenKind.Subtract;
        if (tokens.Peek().Kind is not (TokenKind.Number or TokenKind.Duration)) return null;
        var seconds = tokens.TakeNumber();
        return isNegative ? -seconds : seconds;
    }

    // A modifier belongs to what it modifies, up to the last closing token read.
    private Expression Closed(Expression expression) =>
        expression with { Position = expression.Position with { End = tokens.LastClosing } };

    private void ReportNotSelector(Expression operand, string modifier) => tokens.Report(
        operand.Position,
        operand is InvalidRange
            ? OnlySelectors
            : modifier + " must be preceded by an instant vector selector or range vector selector or a subquery");

    private bool TryExtend(Expression operand, string modifier)
    {
        if (!options.ExtendedRangeSelectors)
        {
            tokens.Report(operand.Position, modifier + " modifier is experimental and not enabled");
            return false;
        }

        if (operand is VectorSelector or MatrixSelector or InvalidRange) return true;
        tokens.Report(
            operand.Position,
            modifier + (operand is SubqueryExpression
                ? " modifier is not supported for subqueries"
                : " modifier not implemented"));
        return false;
    }

    private void CheckTogether(Expression operand)
    {
        var selector = operand as VectorSelector ?? (operand as MatrixSelector)?.Selector;
        if (selector is { IsAnchored: true, IsSmoothed: true }) tokens.Report(operand.Position, Together);
    }
}
