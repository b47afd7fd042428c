using System.Buffers;
using PromHost.PromQL;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Api;

/// <summary>
/// Writes a syntax tree for editors and explainers: an object per node, its fields in the order of their names.
/// </summary>
public static class ExpressionJson
{
    /// <summary>Writes a whole tree, as <c>/api/v1/parse_query</c> answers with.</summary>
    public static void Write(IBufferWriter<byte> output, Expression expression)
    {
        var json = new JsonBuffer(output);
        Write(ref json, expression);
        json.Commit();
    }

    /// <summary>Writes a node and what is below it.</summary>
    internal static void Write(ref JsonBuffer json, Expression? node)
    {
        switch (node)
        {
            case null: json.Raw("null"u8); break;
            case AggregateExpression aggregate: WriteAggregation(ref json, aggregate); break;
            case BinaryExpression binary: WriteBinary(ref json, binary); break;
            case Call call: WriteCall(ref json, call); break;
            case MatrixSelector matrix: WriteMatrixSelector(ref json, matrix); break;
            case VectorSelector vector: WriteVectorSelector(ref json, vector); break;
            case SubqueryExpression subquery: WriteSubquery(ref json, subquery); break;
            case DurationExpression duration: WriteDuration(ref json, duration); break;
            case NumberLiteral number: WriteNumber(ref json, number, inDuration: false); break;
            case StringLiteral text:
                json.Raw("{\"type\":\"stringLiteral\",\"val\":"u8);
                json.Text(text.Utf8Value.Span);
                json.Raw((byte)'}');
                break;
            case ParenthesizedExpression parentheses:
                json.Raw("{\"expr\":"u8);
                Write(ref json, parentheses.Inner);
                json.Raw(",\"type\":\"parenExpr\"}"u8);
                break;
            case UnaryExpression unary:
                json.Raw("{\"expr\":"u8);
                Write(ref json, unary.Operand);
                json.Raw(",\"op\":"u8);
                json.Text(unary.Operator.ToText());
                json.Raw(",\"type\":\"unaryExpr\"}"u8);
                break;
            default: throw new ArgumentOutOfRangeException(nameof(node));
        }
    }

    private static void WriteAggregation(ref JsonBuffer json, AggregateExpression node)
    {
        json.Raw("{\"expr\":"u8);
        Write(ref json, node.Operand);
        json.Raw(",\"grouping\":"u8);
        json.Texts(node.Grouping);
        json.Raw(",\"op\":"u8);
        json.Text(node.Aggregation.ToText());
        json.Raw(",\"param\":"u8);
        Write(ref json, node.Parameter);
        json.Raw(",\"type\":\"aggregation\",\"without\":"u8);
        WriteBool(ref json, node.IsWithout);
        json.Raw((byte)'}');
    }

    private static void WriteBinary(ref JsonBuffer json, BinaryExpression node)
    {
        json.Raw("{\"bool\":"u8);
        WriteBool(ref json, node.ReturnsBool);
        json.Raw(",\"lhs\":"u8);
        Write(ref json, node.Left);
        json.Raw(",\"matching\":"u8);
        if (node.Matching is { } matching) WriteMatching(ref json, matching);
        else json.Raw("null"u8);
        json.Raw(",\"op\":"u8);
        json.Text(node.Operator.ToText());
        json.Raw(",\"rhs\":"u8);
        Write(ref json, node.Right);
        json.Raw(",\"type\":\"binaryExpr\"}"u8);
    }

    private static void WriteMatching(ref JsonBuffer json, VectorMatching matching)
    {
        json.Raw("{\"card\":"u8);
        json.Text(matching.Cardinality.ToText());
        json.Raw(",\"fillValues\":{\"lhs\":"u8);
        WriteOptional(ref json, matching.FillLeft);
        json.Raw(",\"rhs\":"u8);
        WriteOptional(ref json, matching.FillRight);
        json.Raw("},\"include\":"u8);
        json.Texts(matching.Include);
        json.Raw(",\"labels\":"u8);
        json.Texts(matching.Labels);
        json.Raw(",\"on\":"u8);
        WriteBool(ref json, matching.IsOn);
        json.Raw((byte)'}');
    }

    private static void WriteCall(ref JsonBuffer json, Call node)
    {
        json.Raw("{\"args\":["u8);
        for (var i = 0; i < node.Arguments.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            Write(ref json, node.Arguments[i]);
        }

        json.Raw("],\"func\":{\"argTypes\":"u8);
        json.Texts([.. node.Function.ArgumentTypes.Select(type => type.ToWireName())]);
        json.Raw(",\"name\":"u8);
        json.Text(node.Function.Name);
        json.Raw(",\"returnType\":"u8);
        json.Text(node.Function.ReturnType.ToWireName());
        json.Raw(",\"variadic\":"u8);
        json.Integer(node.Function.Variadic);
        json.Raw("},\"type\":\"call\"}"u8);
    }

    private static void WriteMatrixSelector(ref JsonBuffer json, MatrixSelector node)
    {
        WriteSelectorStart(ref json, node.Selector);
        json.Raw(",\"range\":"u8);
        json.Integer(node.RangeMs);
        json.Raw(",\"rangeExpr\":"u8);
        Write(ref json, node.RangeExpression);
        WriteSelectorEnd(ref json, node.Selector);
        json.Raw(",\"type\":\"matrixSelector\"}"u8);
    }

    private static void WriteVectorSelector(ref JsonBuffer json, VectorSelector node)
    {
        WriteSelectorStart(ref json, node);
        WriteSelectorEnd(ref json, node);
        json.Raw(",\"type\":\"vectorSelector\"}"u8);
    }

    private static void WriteSelectorStart(ref JsonBuffer json, VectorSelector node)
    {
        json.Raw("{\"anchored\":"u8);
        WriteBool(ref json, node.IsAnchored);
        json.Raw(",\"matchers\":["u8);
        for (var i = 0; i < node.Matchers.Count; i++)
        {
            json.Raw(i > 0 ? ",{\"name\":"u8 : "{\"name\":"u8);
            json.Text(node.Matchers[i].NameUtf8.Span);
            json.Raw(node.Matchers[i].Type switch
            {
                MatchType.Equal => ",\"type\":\"=\",\"value\":"u8,
                MatchType.NotEqual => ",\"type\":\"!=\",\"value\":"u8,
                MatchType.RegexMatch => ",\"type\":\"=~\",\"value\":"u8,
                _ => ",\"type\":\"!~\",\"value\":"u8,
            });
            json.Text(node.Matchers[i].ValueUtf8.Span);
            json.Raw((byte)'}');
        }

        json.Raw("],\"name\":"u8);
        json.Text(node.Name);
        json.Raw(",\"offset\":"u8);
        json.Integer(node.OffsetMs);
        json.Raw(",\"offsetExpr\":"u8);
        Write(ref json, node.OffsetExpression);
    }

    private static void WriteSelectorEnd(ref JsonBuffer json, VectorSelector node)
    {
        json.Raw(",\"smoothed\":"u8);
        WriteBool(ref json, node.IsSmoothed);
        WriteAnchor(ref json, node.At);
        WriteTimestamp(ref json, node.AtMs);
    }

    private static void WriteSubquery(ref JsonBuffer json, SubqueryExpression node)
    {
        json.Raw("{\"expr\":"u8);
        Write(ref json, node.Operand);
        json.Raw(",\"offset\":"u8);
        json.Integer(node.OffsetMs);
        json.Raw(",\"offsetExpr\":"u8);
        Write(ref json, node.OffsetExpression);
        json.Raw(",\"range\":"u8);
        json.Integer(node.RangeMs);
        json.Raw(",\"rangeExpr\":"u8);
        Write(ref json, node.RangeExpression);
        WriteAnchor(ref json, node.At);
        json.Raw(",\"step\":"u8);
        json.Integer(node.StepMs);
        json.Raw(",\"stepExpr\":"u8);
        Write(ref json, node.StepExpression);
        WriteTimestamp(ref json, node.AtMs);
        json.Raw(",\"type\":\"subquery\"}"u8);
    }

    private static void WriteDuration(ref JsonBuffer json, DurationExpression node)
    {
        json.Raw("{\"lhs\":"u8);
        WriteDurationOperand(ref json, node.Left);
        json.Raw(",\"op\":"u8);
        json.Text(node.Operator.ToText());
        json.Raw(",\"rhs\":"u8);
        WriteDurationOperand(ref json, node.Right);
        json.Raw(",\"type\":\"durationExpr\",\"wrapped\":"u8);
        WriteBool(ref json, node.IsWrapped);
        json.Raw((byte)'}');
    }

    private static void WriteDurationOperand(ref JsonBuffer json, Expression? node)
    {
        if (node is NumberLiteral number) WriteNumber(ref json, number, inDuration: true);
        else Write(ref json, node);
    }

    private static void WriteNumber(ref JsonBuffer json, NumberLiteral node, bool inDuration)
    {
        json.Raw((byte)'{');
        if (inDuration)
        {
            json.Raw("\"duration\":"u8);
            WriteBool(ref json, node.IsDuration);
            json.Raw((byte)',');
        }

        json.Raw("\"type\":\"numberLiteral\",\"val\":\""u8);
        json.Number(node.Value);
        json.Raw("\"}"u8);
    }

    private static void WriteAnchor(ref JsonBuffer json, AtAnchor anchor) => json.Raw(anchor switch
    {
        AtAnchor.Start => ",\"startOrEnd\":\"start\""u8,
        AtAnchor.End => ",\"startOrEnd\":\"end\""u8,
        _ => ",\"startOrEnd\":null"u8,
    });

    private static void WriteTimestamp(ref JsonBuffer json, long? timestampMs)
    {
        json.Raw(",\"timestamp\":"u8);
        if (timestampMs is { } time) json.Integer(time);
        else json.Raw("null"u8);
    }

    private static void WriteOptional(ref JsonBuffer json, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.Number(number);
        else json.Raw("null"u8);
    }

    private static void WriteBool(ref JsonBuffer json, bool value) => json.Raw(value ? "true"u8 : "false"u8);
}
