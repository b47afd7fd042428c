using System.Globalization;
using System.Text;
using PromHost.Model;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.PromQL;

/// <summary>Writes expressions back as text, in PromQL's normal form, on one line.</summary>
internal static class Printer
{
    /// <summary>The whole expression.</summary>
    public static string Print(Expression expression)
    {
        var text = new StringBuilder();
        Append(text, expression);
        return text.ToString();
    }

    /// <summary>What stands before the parenthesis of an aggregation.</summary>
    public static void AppendHead(StringBuilder text, AggregateExpression aggregate)
    {
        text.Append(aggregate.Aggregation.ToText());
        if (!aggregate.IsWithout && aggregate.Grouping.Count == 0) return;
        text.Append(aggregate.IsWithout ? " without " : " by ");
        AppendLabels(text, aggregate.Grouping);
        text.Append(' ');
    }

    /// <summary>The operator of a binary expression with its modifiers.</summary>
    public static void AppendOperator(StringBuilder text, BinaryExpression binary)
    {
        text.Append(binary.Operator.ToText());
        if (binary.ReturnsBool) text.Append(" bool");
        if (binary.Matching is not { } matching) return;
        var isGrouped = matching.Cardinality is MatchingCardinality.ManyToOne or MatchingCardinality.OneToMany;
        if (matching.Labels.Count > 0 || matching.IsOn || isGrouped)
            AppendLabels(text.Append(matching.IsOn ? " on " : " ignoring "), matching.Labels);
        if (isGrouped)
        {
            var side = matching.Cardinality == MatchingCardinality.ManyToOne ? " group_left " : " group_right ";
            AppendLabels(text.Append(side), matching.Include);
        }

        AppendFill(text, matching);
    }

    /// <summary>The brackets of a subquery and the modifiers behind them.</summary>
    public static void AppendSuffix(StringBuilder text, SubqueryExpression subquery)
    {
        text.Append('[');
        AppendDuration(text, subquery.RangeMs, subquery.RangeExpression);
        text.Append(':');
        if (subquery.StepMs != 0 || subquery.StepExpression is not null)
            AppendDuration(text, subquery.StepMs, subquery.StepExpression);
        text.Append(']');
        AppendAt(text, subquery.AtMs, subquery.At);
        AppendOffset(text, subquery.OffsetMs, subquery.OffsetExpression);
    }

    private static void Append(StringBuilder text, Expression expression)
    {
        switch (expression)
        {
            case NumberLiteral literal: AppendNumber(text, literal); break;
            case StringLiteral literal: text.Append(GoText.Quote(literal.Utf8Value.Span)); break;
            case VectorSelector selector:
                AppendSeries(text, selector);
                AppendAt(text, selector.AtMs, selector.At);
                AppendExtended(text, selector);
                AppendOffset(text, selector.OffsetMs, selector.OffsetExpression);
                break;
            case MatrixSelector matrix:
                AppendSeries(text, matrix.Selector);
                text.Append('[');
                AppendDuration(text, matrix.RangeMs, matrix.RangeExpression);
                text.Append(']');
                AppendExtended(text, matrix.Selector);
                AppendAt(text, matrix.Selector.AtMs, matrix.Selector.At);
                AppendOffset(text, matrix.Selector.OffsetMs, matrix.Selector.OffsetExpression);
                break;
            case SubqueryExpression subquery:
                Append(text, subquery.Operand);
                AppendSuffix(text, subquery);
                break;
            case UnaryExpression unary:
                Append(text.Append(unary.Operator.ToText()), unary.Operand);
                break;
            case ParenthesizedExpression parenthesized:
                Append(text.Append('('), parenthesized.Inner);
                text.Append(')');
                break;
            case BinaryExpression binary:
                Append(text, binary.Left);
                AppendOperator(text.Append(' '), binary);
                Append(text.Append(' '), binary.Right);
                break;
            case Call call:
                text.Append(call.Function.Name);
                AppendArguments(text, call.Arguments);
                break;
            case AggregateExpression { Parameter: { } parameter } aggregate:
                AppendHead(text, aggregate);
                AppendArguments(text, [parameter, aggregate.Operand]);
                break;
            case AggregateExpression aggregate:
                AppendHead(text, aggregate);
                AppendArguments(text, [aggregate.Operand]);
                break;
            case DurationExpression duration: AppendDurationExpression(text, duration); break;
        }
    }

    private static void AppendArguments(StringBuilder text, IReadOnlyList<Expression> arguments)
    {
        text.Append('(');
        for (var i = 0; i < arguments.Count; i++)
        {
            if (i > 0) text.Append(", ");
            Append(text, arguments[i]);
        }

        text.Append(')');
    }

    private static void AppendNumber(StringBuilder text, NumberLiteral literal)
    {
        if (!literal.IsDuration)
        {
            text.Append(GoFloat.FormatPlain(literal.Value));
            return;
        }

        if (literal.Value < 0) text.Append('-');
        text.Append(PrometheusDuration.Format(NumberText.ToMilliseconds(Math.Abs(literal.Value))));
    }

    private static void AppendSeries(StringBuilder text, VectorSelector selector)
    {
        text.Append(selector.Name);
        var matchers = new List<string>(selector.Matchers.Count);
        foreach (var matcher in selector.Matchers)
        {
            // The name before the braces says it already.
            var isName = selector.Name.Length > 0 && matcher.Type == MatchType.Equal &&
                string.Equals(matcher.Name, Labels.MetricName, StringComparison.Ordinal) &&
                string.Equals(matcher.Value, selector.Name, StringComparison.Ordinal);
            if (!isName) matchers.Add(matcher.ToString());
        }

        if (matchers.Count == 0) return;
        matchers.Sort(StringComparer.Ordinal);
        text.Append('{').AppendJoin(',', matchers).Append('}');
    }

    private static void AppendExtended(StringBuilder text, VectorSelector selector)
    {
        if (selector.IsAnchored) text.Append(" anchored");
        else if (selector.IsSmoothed) text.Append(" smoothed");
    }

    private static void AppendAt(StringBuilder text, long? atMs, AtAnchor anchor)
    {
        if (atMs is { } timestampMs)
            text.Append(CultureInfo.InvariantCulture, $" @ {timestampMs / 1000.0:F3}");
        else if (anchor != AtAnchor.None)
            text.Append(anchor == AtAnchor.Start ? " @ start()" : " @ end()");
    }

    private static void AppendOffset(StringBuilder text, long offsetMs, DurationExpression? expression)
    {
        if (offsetMs == 0 && expression is null) return;
        AppendDuration(text.Append(" offset "), offsetMs, expression);
    }

    private static void AppendDuration(StringBuilder text, long durationMs, DurationExpression? expression)
    {
        if (expression is null) text.Append(PrometheusDuration.Format(durationMs));
        else Append(text, expression);
    }

    private static void AppendDurationExpression(StringBuilder text, DurationExpression duration)
    {
        if (duration.IsWrapped) text.Append('(');
        switch (duration)
        {
            case { Operator: DurationOperator.Step or DurationOperator.Range }:
                text.Append(duration.Operator.ToText()).Append("()");
                break;
            case { Operator: DurationOperator.MinOf or DurationOperator.MaxOf, Left: { } left, Right: { } right }:
                AppendArguments(text.Append(duration.Operator.ToText()), [left, right]);
                break;
            case { Left: { } left, Right: { } right }:
                Append(text, left);
                Append(text.Append(' ').Append(duration.Operator.ToText()).Append(' '), right);
                break;
            case { Right: { } right }:
                // A plus sign is not written: it also stands for the parentheses of a literal.
                if (duration.Operator == DurationOperator.Subtract) text.Append('-');
                Append(text, right);
                break;
        }

        if (duration.IsWrapped) text.Append(')');
    }

    private static void AppendFill(StringBuilder text, VectorMatching matching)
    {
        if (matching.FillLeft is { } both && matching.FillRight is { } right && both == right)
        {
            text.Append(" fill (").Append(GoFloat.FormatGeneral(both)).Append(')');
            return;
        }

        if (matching.FillLeft is { } l) text.Append(" fill_left (").Append(GoFloat.FormatGeneral(l)).Append(')');
        if (matching.FillRight is { } r) text.Append(" fill_right (").Append(GoFloat.FormatGeneral(r)).Append(')');
    }

    private static void AppendLabels(StringBuilder text, IReadOnlyList<string> labels)
    {
        text.Append('(');
        for (var i = 0; i < labels.Count; i++)
        {
            if (i > 0) text.Append(", ");
            var isPlain = LabelNames.IsLegacyValid(Encoding.UTF8.GetBytes(labels[i]));
            text.Append(isPlain ? labels[i] : GoText.Quote(labels[i]));
        }

        text.Append(')');
    }
}
