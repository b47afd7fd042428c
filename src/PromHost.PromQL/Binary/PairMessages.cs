namespace PromHost.PromQL;

/// <summary>
/// What the pairs of a binary operation have to tell. As upstream of each step only the last message counts, in the
/// order of the pairs; whoever notes must keep to that order at each step.
/// </summary>
internal sealed class PairMessages(QueryContext context, BinaryExpression expression, int stepCount)
{
    private PairMessage[]? _lastOf;

    /// <summary>Notes a message.</summary>
    public void Note(int step, PairMessage message) => (_lastOf ??= new PairMessage[stepCount])[step] = message;

    /// <summary>Adds the messages to the query's annotations; once, when all pairs have been seen.</summary>
    public void Report()
    {
        if (_lastOf is null) return;
        foreach (var message in _lastOf.Distinct()) Tell(message);
        _lastOf = null;
    }

    private void Tell(PairMessage message)
    {
        var position = expression.Position;
        var symbol = expression.Operator.ToText();
        var operation = expression.Operator == BinaryOperator.Subtract ? "subtraction" : "addition";
        switch (message)
        {
            case PairMessage.FloatFloat: TellTypes("float", "float"); break;
            case PairMessage.FloatHistogram: TellTypes("float", "histogram"); break;
            case PairMessage.HistogramFloat: TellTypes("histogram", "float"); break;
            case PairMessage.HistogramHistogram: TellTypes("histogram", "histogram"); break;
            case PairMessage.BucketLayouts:
                context.Warn(position, $"incompatible bucket layout encountered for binary operator {symbol}");
                break;
            case PairMessage.CounterResets: context.WarnCounterResets(operation, position, position); break;
            case PairMessage.CustomBounds: context.InformCustomBounds(operation, position, position); break;
        }

        void TellTypes(string left, string right) => context.Inform(
            position,
            $"incompatible sample types encountered for binary operator \"{symbol}\": {left} {symbol} {right}");
    }
}
