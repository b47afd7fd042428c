namespace PromHost.PromQL;

/// <summary>An operator that is not defined for two floats: no result, but an info that says so.</summary>
internal sealed class NoFloatKernel(QueryContext context, BinaryExpression expression) : BinaryKernel
{
    public override void Apply(
        ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result, Span<ulong> presence)
    {
        if (!PresenceBits.Any(presence)) return;
        presence.Clear();
        var symbol = expression.Operator.ToText();
        context.Inform(
            expression.Position,
            $"incompatible sample types encountered for binary operator \"{symbol}\": float {symbol} float");
    }
}
