using System.Runtime.CompilerServices;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Checks the types and counts of operands and arguments in a tree that the grammar allows.</summary>
internal sealed class TypeChecker(TokenStream tokens)
{
    private bool _isTooDeep;

    /// <summary>Reports what is wrong with a tree.</summary>
    public void Check(Expression root)
    {
        CheckTree(root);
        if (_isTooDeep || (tokens.Errors.Count == 0 && root.Height > ExpressionParser.MaxHeight))
            Report(root, ExpressionParser.TooDeep);
    }

    private void CheckTree(Expression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _isTooDeep = true;
            return;
        }

        switch (expression)
        {
            case AggregateExpression aggregate: CheckAggregate(aggregate); break;
            case BinaryExpression binary: CheckBinaries(binary); break;
            case Call call: CheckCall(call); break;
            case ParenthesizedExpression parenthesized: CheckTree(parenthesized.Inner); break;
            case MatrixSelector matrix: CheckTree(matrix.Selector); break;
            case VectorSelector selector: CheckSelector(selector); break;
            case UnaryExpression unary:
                CheckTree(unary.Operand);
                if (unary.Operand.Type is ValueType.Scalar or ValueType.Vector) break;
                Report(
                    unary,
                    "unary expression only allowed on expressions of type scalar or instant vector, " +
                    $"got \"{unary.Operand.Type.ToDocumentedName()}\"");
                break;
            case SubqueryExpression subquery:
                CheckTree(subquery.Operand);
                if (subquery.Operand.Type == ValueType.Vector) break;
                Report(
                    subquery,
                    "subquery is only allowed on instant vector, " +
                    $"got {subquery.Operand.Type.ToWireName()} instead");
                break;
        }
    }

    private void CheckAggregate(AggregateExpression aggregate)
    {
        Expect(aggregate.Operand, ValueType.Vector, "aggregation expression");
        if (aggregate.Parameter is null) return;
        var wanted = aggregate.Aggregation == Aggregation.CountValues ? ValueType.String : ValueType.Scalar;
        Expect(aggregate.Parameter, wanted, "aggregation parameter");
    }

    private void Expect(Expression expression, ValueType wanted, string context)
    {
        CheckTree(expression);
        if (expression.Type == wanted) return;
        Report(
            expression,
            $"expected type {wanted.ToDocumentedName()} in {context}, got {expression.Type.ToDocumentedName()}");
    }

    // Thousands of terms make a tree that is deep on its left side: that side is walked without recursion.
    private void CheckBinaries(BinaryExpression root)
    {
        var spine = new Stack<BinaryExpression>();
        Expression left = root;
        while (left is BinaryExpression binary)
        {
            spine.Push(binary);
            left = binary.Left;
        }

        CheckTree(left);
        foreach (var binary in spine)
        {
            CheckTree(binary.Right);
            CheckBinary(binary);
        }
    }

    private void CheckBinary(BinaryExpression binary)
    {
        var operation = binary.Operator;
        var (left, right) = (binary.Left.Type, binary.Right.Type);
        if (binary.ReturnsBool && !operation.IsComparison())
            ReportOperator(binary, "bool modifier can only be used on comparison operators");
        if (operation.IsComparison() && !binary.ReturnsBool && binary.Type == ValueType.Scalar)
            ReportOperator(binary, "comparisons between scalars must use BOOL modifier");
        CheckLabels(binary);
        if (left is not (ValueType.Scalar or ValueType.Vector)) ReportOperand(binary.Left);
        if (right is not (ValueType.Scalar or ValueType.Vector)) ReportOperand(binary.Right);
        CheckMatching(binary);
        if ((left == ValueType.Scalar || right == ValueType.Scalar) && operation.IsSetOperator())
            Report(binary, $"set operator \"{operation.ToText()}\" not allowed in binary scalar expression");
    }

    private void CheckLabels(BinaryExpression binary)
    {
        var matching = binary.WrittenMatching;
        if (!matching.IsOn) return;
        foreach (var label in matching.Labels)
        {
            foreach (var included in matching.Include)
            {
                if (string.Equals(label, included, StringComparison.Ordinal))
                {
                    ReportOperator(
                        binary, $"label {GoText.Quote(label)} must not occur in ON and GROUP clause at once");
                }
            }
        }
    }

    private void CheckMatching(BinaryExpression binary)
    {
        var matching = binary.WrittenMatching;
        var hasFill = matching.FillLeft is not null || matching.FillRight is not null;
        if (binary.Matching is null)
        {
            if (matching.Labels.Count > 0)
                Report(binary, "vector matching only allowed between instant vectors");
            if (hasFill) Report(binary, "filling in missing series only allowed between instant vectors");
        }
        else if (binary.Operator.IsSetOperator())
        {
            if (matching.Cardinality is MatchingCardinality.OneToMany or MatchingCardinality.ManyToOne)
            {
                Report(binary, $"no grouping allowed for \"{binary.Operator.ToText()}\" operation");
                Report(binary, "set operations must always be many-to-many");
            }

            if (hasFill) Report(binary, "filling in missing series not allowed for set operators");
        }
    }

    private void CheckCall(Call call)
    {
        CheckCount(call);
        var function = call.Function;
        if (string.Equals(function.Name, "info", StringComparison.Ordinal) && call.Arguments.Count > 1) CheckInfo(call);
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            // The count is wrong already: what is too much has no type to hold it against.
            if (i >= function.ArgumentTypes.Count && function.Variadic == 0) break;
            var argument = call.Arguments[i];
            var wanted = function.ArgumentTypes[Math.Min(i, function.ArgumentTypes.Count - 1)];
            Expect(argument, wanted, $"call to function \"{function.Name}\"");
        }
    }

    private void CheckCount(Call call)
    {
        var function = call.Function;
        var (types, given) = (function.ArgumentTypes.Count, call.Arguments.Count);
        var end = $"argument(s) in call to \"{function.Name}\", got {given}";
        if (function.Variadic == 0)
        {
            if (types != given) Report(call, $"expected {types} {end}");
        }
        else if (given < types - 1)
        {
            Report(call, $"expected at least {types - 1} {end}");
        }
        else if (function.Variadic > 0 && given > types - 1 + function.Variadic)
        {
            Report(call, $"expected at most {types - 1 + function.Variadic} {end}");
        }
    }

    private void CheckInfo(Call call)
    {
        var labels = call.Arguments[1];
        if (labels.Type != ValueType.Vector)
        {
            Report(
                call,
                "expected type instant vector in call to function \"info\", " +
                $"got {labels.Type.ToDocumentedName()}");
        }

        if (labels is not VectorSelector selector) Report(labels, "expected label selectors only");
        else if (selector.Name.Length > 0)
            Report(labels, "expected label selectors only, got vector selector instead");
    }

    private void CheckSelector(VectorSelector selector)
    {
        if (selector.Name.Length == 0)
        {
            if (selector.BypassesEmptyMatcherCheck || selector.Matchers.Any(static m => !m.MatchesEmpty)) return;
            Report(selector, "vector selector must contain at least one non-empty matcher");
            return;
        }

        foreach (var matcher in selector.Matchers.SkipLast(1))
        {
            if (string.Equals(matcher.Name, Labels.MetricName, StringComparison.Ordinal))
            {
                Report(
                    selector,
                    $"metric name must not be set twice: {GoText.Quote(selector.Name)} or " +
                    GoText.Quote(matcher.Value));
            }
        }
    }

    private void ReportOperand(Expression operand) =>
        Report(operand, "binary expression must contain only scalar and instant vector types");

    // At the operator: what stands between the operands, without the space around it.
    private void ReportOperator(BinaryExpression binary, string message)
    {
        var start = Math.Min(binary.Left.Position.End, tokens.Text.Length - 1);
        while (start < tokens.Text.Length - 1 && TextCursor.IsSpace(tokens.Text[start])) start++;
        var end = binary.Right.Position.Start - 1;
        while (end > start && TextCursor.IsSpace(tokens.Text[end])) end--;
        tokens.Report(new PositionRange(start, end), message);
    }

    private void Report(Expression expression, string message) => tokens.Report(expression.Position, message);
}
