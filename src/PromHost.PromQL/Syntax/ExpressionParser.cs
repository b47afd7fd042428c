using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>
/// Parses expressions by operator precedence (a Pratt parser). It builds the tree and reports what the grammar
/// forbids; <see cref="TypeChecker"/> does the rest.
/// </summary>
internal sealed class ExpressionParser
{
    /// <summary>The error of an expression that is refused for its depth; upstream has no such limit.</summary>
    public const string TooDeep = "expression is nested too deeply";

    /// <summary>How many nodes may lie between the root and a leaf: others walk the tree by recursion.</summary>
    public const int MaxHeight = 2000;

    private const int MaxDepth = 500;
    private const int LowestPrecedence = 1;
    private const int PowerPrecedence = 6;

    private readonly TokenStream _tokens;
    private readonly ParserOptions _options;
    private readonly SelectorParser _selectors;
    private readonly DurationParser _durations;
    private readonly ModifierParser _modifiers;
    private int _depth;

    public ExpressionParser(TokenStream tokens, ParserOptions options)
    {
        _tokens = tokens;
        _options = options;
        _selectors = new SelectorParser(tokens);
        _durations = new DurationParser(tokens, options);
        _modifiers = new ModifierParser(tokens, options, _durations);
    }

    /// <summary>Parses the whole text as an expression.</summary>
    /// <returns>The expression; meaningless, and maybe null, when errors were reported.</returns>
    public Expression? ParseWhole()
    {
        if (_tokens.Peek().Kind == TokenKind.EndOfInput)
        {
            _tokens.Report(default, "no expression found in input");
            return null;
        }

        var expression = Parse(LowestPrecedence);
        Finish(_tokens, expression is not null);
        return expression;
    }

    /// <summary>Holds that nothing follows what was parsed.</summary>
    /// <param name="tokens">The rest of the text.</param>
    /// <param name="isParsed">False when what came before could not be parsed.</param>
    public static void Finish(TokenStream tokens, bool isParsed)
    {
        if (!isParsed && !tokens.TryRecover("", "")) return;
        while (!tokens.IsAborted && tokens.Peek().Kind is not (TokenKind.EndOfInput or TokenKind.End))
        {
            if (!tokens.TrySkip()) tokens.TryRecover("", "");
        }
    }

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.Or => LowestPrecedence,
        TokenKind.And or TokenKind.Unless => 2,
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater
            or TokenKind.GreaterOrEqual or TokenKind.TrimUpper or TokenKind.TrimLower => 3,
        TokenKind.Add or TokenKind.Subtract => 4,
        TokenKind.Multiply or TokenKind.Divide or TokenKind.Modulo or TokenKind.Atan2 => 5,
        TokenKind.Power => PowerPrecedence,
        _ => 0,
    };

    private static BinaryOperator OperatorOf(TokenKind kind) => kind switch
    {
        TokenKind.Or => BinaryOperator.Or,
        TokenKind.And => BinaryOperator.And,
        TokenKind.Unless => BinaryOperator.Unless,
        TokenKind.Equal => BinaryOperator.Equal,
        TokenKind.NotEqual => BinaryOperator.NotEqual,
        TokenKind.Less => BinaryOperator.Less,
        TokenKind.LessOrEqual => BinaryOperator.LessOrEqual,
        TokenKind.Greater => BinaryOperator.Greater,
        TokenKind.GreaterOrEqual => BinaryOperator.GreaterOrEqual,
        TokenKind.TrimUpper => BinaryOperator.TrimUpper,
        TokenKind.TrimLower => BinaryOperator.TrimLower,
        TokenKind.Add => BinaryOperator.Add,
        TokenKind.Subtract => BinaryOperator.Subtract,
        TokenKind.Multiply => BinaryOperator.Multiply,
        TokenKind.Divide => BinaryOperator.Divide,
        TokenKind.Modulo => BinaryOperator.Modulo,
        TokenKind.Atan2 => BinaryOperator.Atan2,
        _ => BinaryOperator.Power,
    };

    private static Aggregation AggregationOf(TokenKind kind) => kind switch
    {
        TokenKind.Sum => Aggregation.Sum,
        TokenKind.Avg => Aggregation.Avg,
        TokenKind.Count => Aggregation.Count,
        TokenKind.Min => Aggregation.Min,
        TokenKind.Max => Aggregation.Max,
        TokenKind.Group => Aggregation.Group,
        TokenKind.StdDev => Aggregation.StdDev,
        TokenKind.StdVar => Aggregation.StdVar,
        TokenKind.TopK => Aggregation.TopK,
        TokenKind.BottomK => Aggregation.BottomK,
        TokenKind.CountValues => Aggregation.CountValues,
        TokenKind.Quantile => Aggregation.Quantile,
        TokenKind.LimitK => Aggregation.LimitK,
        _ => Aggregation.LimitRatio,
    };

    private static bool CanBeginOperand(Token token) => token.IsMetricName || token.Kind is TokenKind.Number
        or TokenKind.Duration or TokenKind.String or TokenKind.LeftParen or TokenKind.LeftBrace or TokenKind.Add
        or TokenKind.Subtract;

    private Expression? Parse(int lowest)
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _tokens.Abort(_tokens.Peek().Position, TooDeep);
            return null;
        }

        var left = ParseOperand();
        var result = left is null ? null : ParseTail(left, lowest);
        _depth--;
        return result;
    }

    // Modifiers bind to the operand before them whatever the precedence around them.
    private Expression? ParseTail(Expression left, int lowest)
    {
        while (true)
        {
            var token = _tokens.Peek();
            Expression? next;
            switch (token.Kind)
            {
                case TokenKind.LeftBracket: next = _modifiers.ParseBrackets(left); break;
                case TokenKind.Offset: next = _modifiers.ParseOffset(left); break;
                case TokenKind.At: next = _modifiers.ParseAt(left); break;
                case TokenKind.Anchored: next = _modifiers.ParseAnchored(left); break;
                case TokenKind.Smoothed: next = _modifiers.ParseSmoothed(left); break;
                default:
                    var precedence = PrecedenceOf(token.Kind);
                    if (precedence == 0 || precedence < lowest) return left;
                    next = ParseBinary(left, precedence);
                    break;
            }

            if (next is null) return null;
            left = next;
        }
    }

    private BinaryExpression? ParseBinary(Expression left, int precedence)
    {
        var operation = _tokens.Take();
        var returnsBool = _tokens.TryTake(TokenKind.Bool);
        if (ParseMatching() is not { } matching) return null;
        var right = Parse(precedence == PowerPrecedence ? PowerPrecedence : precedence + 1);
        if (right is null) return null;
        var expression = new BinaryExpression(OperatorOf(operation.Kind), left, right, matching, returnsBool);
        if (!_options.BinopFillModifiers && (matching.FillLeft is not null || matching.FillRight is not null))
            _tokens.Report(expression.Position, "binop fill modifiers are experimental and not enabled");
        return expression;
    }

    private VectorMatching? ParseMatching()
    {
        var matching = VectorMatching.Default;
        if (_tokens.Peek().Kind is TokenKind.On or TokenKind.Ignoring)
        {
            var isOn = _tokens.Take().Kind == TokenKind.On;
            if (_selectors.ParseGroupingLabels() is not { } labels) return null;
            matching = matching with { IsOn = isOn, Labels = labels };
            if (_tokens.Peek().Kind is TokenKind.GroupLeft or TokenKind.GroupRight)
            {
                var isLeft = _tokens.Take().Kind == TokenKind.GroupLeft;
                IReadOnlyList<string>? include = [];
                var next = _tokens.Peek();
                if (next.Kind == TokenKind.LeftParen || !CanBeginOperand(next))
                    include = _selectors.ParseGroupingLabels();
                if (include is null) return null;
                matching = matching with
                {
                    Cardinality = isLeft ? MatchingCardinality.ManyToOne : MatchingCardinality.OneToMany,
                    Include = include,
                };
            }
        }

        return ParseFill(matching);
    }

    private VectorMatching? ParseFill(VectorMatching matching)
    {
        var first = _tokens.Peek().Kind;
        if (first is not (TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight)) return matching;
        _tokens.Take();
        if (ParseFillValue() is not { } value) return null;
        if (first == TokenKind.Fill) return matching with { FillLeft = value, FillRight = value };
        matching = first == TokenKind.FillLeft
            ? matching with { FillLeft = value }
            : matching with { FillRight = value };
        var other = first == TokenKind.FillLeft ? TokenKind.FillRight : TokenKind.FillLeft;
        if (!_tokens.TryTake(other)) return matching;
        if (ParseFillValue() is not { } second) return null;
        return first == TokenKind.FillLeft
            ? matching with { FillRight = second }
            : matching with { FillLeft = second };
    }

    private double? ParseFillValue()
    {
        if (!_tokens.TryExpect(TokenKind.LeftParen)) return null;
        var isNegative = false;
        if (_tokens.Peek().Kind is TokenKind.Add or TokenKind.Subtract)
            isNegative = _tokens.Take().Kind == TokenKind.Subtract;
        if (_tokens.Peek().Kind is not (TokenKind.Number or TokenKind.Duration)) return null;
        var value = _tokens.TakeNumber();
        if (!_tokens.TryExpect(TokenKind.RightParen)) return null;
        return isNegative ? -value : value;
    }

    private Expression? ParseOperand()
    {
        var token = _tokens.Peek();
        while (!CanBeginOperand(token))
        {
            if (!_tokens.TrySkip()) return null;
            token = _tokens.Peek();
        }

        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                _tokens.Take();
                return new NumberLiteral(
                    _tokens.ReadNumber(token), token.Position, token.Kind == TokenKind.Duration);
            case TokenKind.String:
                _tokens.Take();
                return new StringLiteral(StringScanner.Unquote(_tokens.WrittenOf(token)), token.Position);
            case TokenKind.LeftParen: return ParseParenthesized();
            case TokenKind.LeftBrace: return _selectors.Parse(null);
            case TokenKind.Add or TokenKind.Subtract: return ParseSigned();
            default: return ParseNamed();
        }
    }

    private Expression? ParseSigned()
    {
        var sign = _tokens.Take();
        var operand = Parse(PowerPrecedence);
        if (operand is null) return null;
        var isMinus = sign.Kind == TokenKind.Subtract;
        var position = new PositionRange(sign.Start, operand.Position.End);
        return operand is NumberLiteral literal
            ? literal.WithSign(isMinus, position)
            : new UnaryExpression(isMinus ? UnaryOperator.Minus : UnaryOperator.Plus, operand, position);
    }

    private ParenthesizedExpression? ParseParenthesized()
    {
        var open = _tokens.Take();
        var inner = Parse(LowestPrecedence);
        while (inner is not null && _tokens.Peek().Kind != TokenKind.RightParen)
        {
            // After an error an operator may still follow the tokens that are skipped.
            inner = _tokens.TrySkip() ? ParseTail(inner, LowestPrecedence) : null;
        }

        if (inner is null) return null;
        return new ParenthesizedExpression(inner, new PositionRange(open.Start, _tokens.Take().End));
    }

    // A function call, an aggregation or a metric: what follows the name tells.
    private Expression? ParseNamed()
    {
        var name = _tokens.Take();
        var next = _tokens.Peek().Kind;
        if (name.IsAggregation && next is TokenKind.LeftParen or TokenKind.By or TokenKind.Without)
            return ParseAggregation(name);
        var mayCall = name.Kind is TokenKind.Identifier or (>= TokenKind.Start and <= TokenKind.MinOf);
        return mayCall && next == TokenKind.LeftParen ? ParseCall(name) : _selectors.Parse(name);
    }

    private Call? ParseCall(Token name)
    {
        if (ParseArguments() is not { } arguments) return null;
        var text = _tokens.TextOf(name);
        var position = new PositionRange(name.Start, _tokens.LastClosing);
        var function = FunctionTable.Find(text);
        if (function is null)
        {
            _tokens.Report(name.Position, $"unknown function with name \"{text}\"");

            // Stands for the error until parsing ends.
            function = new Function(text, [], 0, ValueType.Vector);
        }
        else if (function.IsExperimental && !_options.ExperimentalFunctions)
        {
            _tokens.Report(name.Position, $"function \"{text}\" is not enabled");
        }

        var isInfo = string.Equals(text, "info", StringComparison.Ordinal);
        if (isInfo && arguments is [_, VectorSelector { Name: "" } labels, ..])
            arguments[1] = labels with { BypassesEmptyMatcherCheck = true };
        return new Call(function, arguments, position);
    }

    private List<Expression>? ParseArguments()
    {
        _tokens.Take();
        var arguments = new List<Expression>();
        if (_tokens.TryTake(TokenKind.RightParen)) return arguments;
        if (!TryParseArgument(arguments)) return null;
        while (true)
        {
            var token = _tokens.Peek();
            switch (token.Kind)
            {
                case TokenKind.RightParen:
                    _tokens.Take();
                    return arguments;
                case TokenKind.Comma:
                    _tokens.Take();
                    if (!CanBeginOperand(_tokens.Peek()))
                        _tokens.Report(token.Position, "trailing commas not allowed in function call args");
                    else if (!TryParseArgument(arguments)) return null;
                    break;
                default:
                    if (!_tokens.TrySkip()) return null;
                    break;
            }
        }
    }

    private bool TryParseArgument(List<Expression> arguments)
    {
        var argument = Parse(LowestPrecedence);
        if (argument is null) return false;
        arguments.Add(argument);
        return true;
    }

    private AggregateExpression? ParseAggregation(Token name) => TryParseAggregation(name) ??
        (_tokens.TryRecover("aggregation", "") ? NewAggregate(name, [], [], false, _tokens.LastClosing) : null);

    private AggregateExpression? TryParseAggregation(Token name)
    {
        IReadOnlyList<string>? grouping = [];
        var isWithout = _tokens.Peek().Kind == TokenKind.Without;
        var isPrefix = _tokens.Peek().Kind is TokenKind.By or TokenKind.Without;
        if (isPrefix)
        {
            _tokens.Take();
            grouping = _selectors.ParseGroupingLabels();
            if (grouping is null) return null;
            while (_tokens.Peek().Kind != TokenKind.LeftParen)
            {
                if (!_tokens.TrySkip()) return null;
            }
        }

        if (ParseArguments() is not { } arguments) return null;
        if (isPrefix) return NewAggregate(name, arguments, grouping, isWithout, _tokens.LastClosing);
        if (_tokens.Peek().Kind is not (TokenKind.By or TokenKind.Without))
            return NewAggregate(name, arguments, [], false, _tokens.FindEndBeforeLast());
        isWithout = _tokens.Take().Kind == TokenKind.Without;
        grouping = _selectors.ParseGroupingLabels();
        return grouping is null ? null : NewAggregate(name, arguments, grouping, isWithout, _tokens.LastClosing);
    }

    private AggregateExpression NewAggregate(
        Token name, List<Expression> arguments, IReadOnlyList<string> grouping, bool isWithout, int end)
    {
        var aggregation = AggregationOf(name.Kind);
        var position = new PositionRange(name.Start, end);
        var wanted = aggregation.HasParameter() ? 2 : 1;
        if (arguments.Count == 0)
        {
            _tokens.Report(position, "no arguments for aggregate expression provided");
        }
        else if (aggregation.IsExperimental() && !_options.ExperimentalFunctions)
        {
            _tokens.Report(
                position,
                aggregation.ToText() +
                "() is experimental and must be enabled with --enable-feature=promql-experimental-functions");
        }
        else if (arguments.Count != wanted)
        {
            _tokens.Report(
                position,
                "wrong number of arguments for aggregate expression provided, " +
                $"expected {wanted}, got {arguments.Count}");
        }

        // After an error any operand will do: the tree is thrown away.
        var operand = arguments.Count > 0 ? arguments[^1] : new NumberLiteral(0, default);
        var parameter = aggregation.HasParameter() && arguments.Count > 0 ? arguments[0] : null;
        return new AggregateExpression(aggregation, operand, parameter, grouping, isWithout, position);
    }
}
