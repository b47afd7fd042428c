namespace PromHost.PromQL;

/// <summary>Parses durations: literals, and arithmetic over them where a duration may stand.</summary>
internal sealed class DurationParser(TokenStream tokens, ParserOptions options)
{
    // The largest number of seconds that upstream can hold, in nanoseconds, in 64 bits.
    private const double LargestSeconds = 9223372036.854775807;
    private const int LowestPrecedence = 1;
    private const int SignPrecedence = 2;
    private const int PowerPrecedence = 3;
    private const int MaxDepth = 200;

    private int _depth;

    /// <summary>Parses the range or step in brackets, which must be positive where it is known.</summary>
    /// <returns>A number literal or duration expression, or null while unwinding.</returns>
    public Expression? ParsePositive()
    {
        var duration = Parse(LowestPrecedence);
        if (duration is not NumberLiteral { Value: <= 0 } literal) return duration;
        tokens.Report(literal.Position, "duration must be greater than 0");
        return new NumberLiteral(0, default);
    }

    /// <summary>
    /// Parses an offset. A literal or call, signed or not, is the whole offset: what follows belongs to the
    /// surrounding expression. Only one that begins with a parenthesis or two signs may go on with an operator.
    /// </summary>
    /// <returns>A number literal or duration expression, or null while unwinding.</returns>
    public Expression? ParseOffset()
    {
        var first = tokens.Peek();
        switch (first.Kind)
        {
            case TokenKind.Number or TokenKind.Duration: return ParseLiteral();
            case TokenKind.Step or TokenKind.Range or TokenKind.MinOf or TokenKind.MaxOf: return ParseCall();
            case TokenKind.Add or TokenKind.Subtract: break;
            default: return Parse(LowestPrecedence);
        }

        tokens.Take();
        switch (tokens.Peek().Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                return ParseSignedLiteral(first);
            case TokenKind.Step or TokenKind.Range or TokenKind.MinOf or TokenKind.MaxOf:
                var call = ParseCall();
                return call is null ? null : ApplySign(first, call, keepsPlus: true);
            case TokenKind.LeftParen:
                tokens.Take();
                var inner = Parse(LowestPrecedence);
                if (inner is null || !tokens.TryExpect(TokenKind.RightParen)) return null;
                return ApplySign(first, Wrap(inner, inner.Position), keepsPlus: false);
            default:
                var operand = Parse(PowerPrecedence);
                return operand is null
                    ? null
                    : ParseTail(ApplySign(first, operand, keepsPlus: false), LowestPrecedence);
        }
    }

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.Add or TokenKind.Subtract => LowestPrecedence,
        TokenKind.Multiply or TokenKind.Divide or TokenKind.Modulo => SignPrecedence,
        TokenKind.Power => PowerPrecedence,
        _ => 0,
    };

    private static bool IsOutOfRange(double seconds) => seconds is > LargestSeconds or < -LargestSeconds;

    // A literal has no flag for its parentheses, so it becomes the operand of a plus sign that is not printed.
    private static DurationExpression Wrap(Expression inner, PositionRange position) =>
        inner is DurationExpression expression
            ? expression with { IsWrapped = true }
            : new DurationExpression(DurationOperator.Add, null, inner, position, isWrapped: true);

    private Expression? Parse(int lowest)
    {
        if (++_depth > MaxDepth)
        {
            tokens.Abort(tokens.Peek().Position, ExpressionParser.TooDeep);
            return null;
        }

        var left = ParseOperand();
        var result = left is null ? null : ParseTail(left, lowest);
        _depth--;
        return result;
    }

    private Expression? ParseTail(Expression left, int lowest)
    {
        while (true)
        {
            var operation = tokens.Peek();
            var precedence = PrecedenceOf(operation.Kind);
            if (precedence == 0 || precedence < lowest) return left;
            tokens.Take();
            var right = Parse(precedence == PowerPrecedence ? PowerPrecedence : precedence + 1);
            if (right is null) return null;
            left = Combine(left, operation, right);
            if (left.Height <= ExpressionParser.MaxHeight) continue;
            tokens.Abort(operation.Position, ExpressionParser.TooDeep);
            return null;
        }
    }

    private Expression? ParseOperand()
    {
        var first = tokens.Peek();
        switch (first.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                return ParseLiteral();
            case TokenKind.Step or TokenKind.Range or TokenKind.MinOf or TokenKind.MaxOf:
                return ParseCall();
            case TokenKind.Add or TokenKind.Subtract:
                tokens.Take();
                var operand = Parse(PowerPrecedence);
                return operand is null ? null : ApplySign(first, operand, keepsPlus: false);
            case TokenKind.LeftParen:
                tokens.Take();
                var inner = Parse(LowestPrecedence);
                if (inner is null || !tokens.TryExpect(TokenKind.RightParen)) return null;
                CheckEnabled(inner);
                return Wrap(inner, new PositionRange(first.Start, tokens.LastClosing));
            default:
                return null;
        }
    }

    private NumberLiteral ParseLiteral()
    {
        var token = tokens.Take();
        var value = tokens.ReadNumber(token);
        return CheckRange(
            new NumberLiteral(value, token.Position, token.Kind == TokenKind.Duration), token.Position);
    }

    private NumberLiteral ParseSignedLiteral(Token sign)
    {
        var token = tokens.Take();
        var value = tokens.ReadNumber(token);
        return CheckRange(
            new NumberLiteral(
                sign.Kind == TokenKind.Subtract ? -value : value,
                new PositionRange(sign.Start, token.End),
                token.Kind == TokenKind.Duration),
            sign.Position);
    }

    private NumberLiteral CheckRange(NumberLiteral literal, PositionRange reported)
    {
        if (!IsOutOfRange(literal.Value)) return literal;
        tokens.Report(reported, "duration out of range");
        return new NumberLiteral(0, default);
    }

    private DurationExpression? ParseCall()
    {
        var name = tokens.Take();
        if (!tokens.TryExpect(TokenKind.LeftParen)) return null;
        Expression? left = null, right = null;
        var operation = name.Kind == TokenKind.Step ? DurationOperator.Step : DurationOperator.Range;
        if (name.Kind is TokenKind.MinOf or TokenKind.MaxOf)
        {
            operation = name.Kind == TokenKind.MinOf ? DurationOperator.MinOf : DurationOperator.MaxOf;
            left = Parse(LowestPrecedence);
            if (left is null || !tokens.TryExpect(TokenKind.Comma)) return null;
            right = Parse(LowestPrecedence);
            if (right is null) return null;
        }

        if (!tokens.TryExpect(TokenKind.RightParen)) return null;
        var call = new DurationExpression(
            operation, left, right, new PositionRange(name.Start, tokens.LastClosing));
        CheckEnabled(call);
        return call;
    }

    private Expression ApplySign(Token sign, Expression operand, bool keepsPlus)
    {
        if (operand is NumberLiteral literal)
        {
            var position = new PositionRange(sign.Start, literal.Position.End);
            return CheckRange(literal.WithSign(sign.Kind == TokenKind.Subtract, position), sign.Position);
        }

        if (sign.Kind == TokenKind.Add && !keepsPlus) return operand;
        return new DurationExpression(
            sign.Kind == TokenKind.Subtract ? DurationOperator.Subtract : DurationOperator.Add,
            null,
            operand,
            new PositionRange(sign.Start, operand.Position.End));
    }

    private Expression Combine(Expression left, Token operation, Expression right)
    {
        CheckEnabled(left);
        var symbol = operation.Kind switch
        {
            TokenKind.Add => DurationOperator.Add,
            TokenKind.Subtract => DurationOperator.Subtract,
            TokenKind.Multiply => DurationOperator.Multiply,
            TokenKind.Divide => DurationOperator.Divide,
            TokenKind.Modulo => DurationOperator.Modulo,
            _ => DurationOperator.Power,
        };
        if (right is NumberLiteral { Value: 0 } && symbol is (DurationOperator.Divide or DurationOperator.Modulo))
        {
            tokens.Report(
                operation.Position, symbol == DurationOperator.Divide ? "division by zero" : "modulo by zero");
            return new NumberLiteral(0, default);
        }

        return new DurationExpression(
            symbol, left, right, new PositionRange(left.Position.Start, right.Position.End));
    }

    private void CheckEnabled(Expression duration)
    {
        if (!options.DurationExpressions)
            tokens.Report(duration.Position, "experimental duration expression is not enabled");
    }
}
