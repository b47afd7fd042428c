namespace PromHost.PromQL.Tests;

public class ParserTests
{
    [Theory]
    [InlineData("a + b * c ^ d", "Add(a|Multiply(b|Power(c|d)))")]
    [InlineData("a ^ b ^ c", "Power(a|Power(b|c))")]
    [InlineData("a - b - c", "Subtract(Subtract(a|b)|c)")]
    [InlineData("-a ^ b", "Minus(Power(a|b))")]
    [InlineData("-a * b", "Multiply(Minus(a)|b)")]
    [InlineData("a ^ -b * c", "Multiply(Power(a|Minus(b))|c)")]
    [InlineData("a or b and c unless d", "Or(a|Unless(And(b|c)|d))")]
    [InlineData("a == b + c", "Equal(a|Add(b|c))")]
    [InlineData("a atan2 b + c", "Add(Atan2(a|b)|c)")]
    [InlineData("a </ b >/ c", "TrimLower(TrimUpper(a|b)|c)")]
    [InlineData("-2 ^ x", "Minus(Power(2|x))")]
    [InlineData("a or b\n# comment\nor c", "Or(Or(a|b)|c)")]
    public void ParseExpression_FollowsPrecedence(string text, string shape) =>
        ShapeOf(Parser.ParseExpression(text)).Should().Be(shape);

    [Theory]
    [InlineData("1_000", 1000)]
    [InlineData("0x1F", 31)]
    [InlineData("017", 15)]
    [InlineData("08", 8)]
    [InlineData("1_2.5e1_0", 12.5e10)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5)]
    [InlineData("1h30m", 5400)]
    [InlineData("10ms", 0.01)]
    [InlineData("-Inf", double.NegativeInfinity)]
    [InlineData("- - 3", 3)]
    [InlineData("9223372036854775808", 9223372036854775808)]
    public void ParseExpression_ReadsNumbers(string text, double value) =>
        Parser.ParseExpression(text).Should().BeOfType<NumberLiteral>().Which.Value.Should().Be(value);

    [Fact]
    public void ParseExpression_CountsPositionsInBytes()
    {
        var sum = (AggregateExpression)Parser.ParseExpression("sum ({\"üü\"})");
        sum.Position.Should().Be(new PositionRange(0, 14));
        sum.Operand.Position.Should().Be(new PositionRange(5, 13));
    }

    [Fact]
    public void ParseExpression_KeepsModifiersOfRangesOnTheSelector()
    {
        var call = (Call)Parser.ParseExpression("rate(up{job='a'}[5m] @ end() offset -1h)");
        var matrix = (MatrixSelector)call.Arguments[0];
        matrix.RangeMs.Should().Be(300_000);
        matrix.Selector.OffsetMs.Should().Be(-3_600_000);
        matrix.Selector.At.Should().Be(AtAnchor.End);
        matrix.Selector.Matchers.Select(m => m.ToString()).Should().Equal("job=\"a\"", "__name__=\"up\"");
        matrix.Type.Should().Be(ValueType.Matrix);
    }

    [Fact]
    public void ParseExpression_KeepsOffsetsApartFromOperators()
    {
        var binary = (BinaryExpression)Parser.ParseExpression("foo offset step() + 5");
        ((VectorSelector)binary.Left).OffsetExpression!.Operator.Should().Be(DurationOperator.Step);
        var whole = (VectorSelector)Parser.ParseExpression("foo offset (step()) + 5");
        whole.OffsetExpression!.Operator.Should().Be(DurationOperator.Add);
        whole.OffsetExpression.Right.Should().BeOfType<NumberLiteral>();
    }

    [Fact]
    public void ParseExpression_ReadsSubqueries()
    {
        var query = (SubqueryExpression)Parser.ParseExpression("up[1h:30s] offset 5m @ 1.5");
        (query.RangeMs, query.StepMs, query.OffsetMs, query.AtMs).Should().Be((3_600_000, 30_000, 300_000, 1500));
        ((SubqueryExpression)Parser.ParseExpression("up[1h:]")).StepMs.Should().Be(0);
    }

    [Fact]
    public void ParseExpression_ReadsVectorMatching()
    {
        var binary = (BinaryExpression)Parser.ParseExpression("a * on (x, \"y.z\") group_left (w) b");
        binary.Matching.Should().BeEquivalentTo(new VectorMatching
        {
            Cardinality = MatchingCardinality.ManyToOne,
            IsOn = true,
            Labels = ["x", "y.z"],
            Include = ["w"],
        });
        ((BinaryExpression)Parser.ParseExpression("a and b")).Matching!.Cardinality
            .Should().Be(MatchingCardinality.ManyToMany);
        ((BinaryExpression)Parser.ParseExpression("a + 1")).Matching.Should().BeNull();
    }

    [Theory]
    [InlineData("a + fill(1) b", 1.0, 1.0)]
    [InlineData("a + fill_left(-1) b", -1.0, null)]
    [InlineData("a + fill_right(2) fill_left(1) b", 1.0, 2.0)]
    [InlineData("fill + fill_left", null, null)]
    public void ParseExpression_ReadsFillValues(string text, double? left, double? right)
    {
        var binary = (BinaryExpression)Parser.ParseExpression(text, ExpressionGenerator.AllOptions);
        (binary.Matching!.FillLeft, binary.Matching.FillRight).Should().Be((left, right));
    }

    [Theory]
    [InlineData("sum")]
    [InlineData("by{x='1'}")]
    [InlineData("Offset offset 5m")]
    [InlineData("start + end")]
    [InlineData("sum + by + without + step + anchored")]
    public void ParseExpression_TakesKeywordsAsNames(string text) =>
        Parser.ParseExpression(text).Type.Should().Be(ValueType.Vector);

    [Fact]
    public void ParseExpression_UnescapesStringsToBytes()
    {
        var literal = (StringLiteral)Parser.ParseExpression("\"\\xff\\101\\u00fc\\U0001F600\\n\"");
        literal.Utf8Value.ToArray().Should().Equal([0xff, (byte)'A', .. "ü😀\n"u8]);
        ((StringLiteral)Parser.ParseExpression("`\\n`")).Value.Should().Be("\\n");
    }

    [Fact]
    public void ParseExpression_LetsInfoMatchNothing()
    {
        var call = (Call)Parser.ParseExpression("info(up, {x=~\".*\"})", ExpressionGenerator.AllOptions);
        ((VectorSelector)call.Arguments[1]).BypassesEmptyMatcherCheck.Should().BeTrue();
    }

    [Fact]
    public void ParseExpression_RefusesDeepNesting()
    {
        foreach (var (open, close) in new[] { ("(", ")"), ("-", ""), ("sum(", ")"), ("abs(", ")"), ("a ^ ", "") })
        {
            Refuse(Repeat(open) + "a" + Repeat(close));
        }

        Refuse("a[" + new string('(', 50_000) + "1m" + new string(')', 50_000) + "]");
        Refuse("a[" + Repeat("1+") + "1]");
        Refuse("a" + Repeat(" or a"));
        Refuse("a" + Repeat("[5m:]"));

        static string Repeat(string part) => string.Concat(Enumerable.Repeat(part, 50_000));

        static void Refuse(string text) => FluentActions.Invoking(() => Parser.ParseExpression(text))
            .Should().Throw<ParseException>().Which.Errors.Should().NotBeEmpty();
    }

    [Fact]
    public void ParseExpression_TakesWhatPeopleNest()
    {
        var nested = string.Concat(Enumerable.Repeat("abs(", 200)) + "a" + new string(')', 200);
        Parser.ParseExpression(nested).ToString().Should().Be(nested);
        var chain = "a" + string.Concat(Enumerable.Repeat(" or a", 1500));
        Parser.ParseExpression(chain).ToString().Should().Be(chain);
        Prettifier.Prettify(Parser.ParseExpression(chain)).Should().EndWith("\nor\n  a");
    }

    [Fact]
    public void ParseMetricSelector_GivesTheMatchers()
    {
        Parser.ParseMetricSelector("up{job!=\"x\"}").Select(m => m.ToString())
            .Should().Equal("job!=\"x\"", "__name__=\"up\"");
        Parser.ParseMetricSelector("{\"a.b\"}").Select(m => m.ToString()).Should().Equal("__name__=\"a.b\"");
        Parser.ParseMetricSelector("{}").Should().BeEmpty();
        Parser.ParseMetricSelectors(["a", "b"]).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("", "unknown position: parse error: unexpected end of input")]
    [InlineData("up[5m]", "1:3: parse error: unexpected \"[\"")]
    [InlineData("1", "1:1: parse error: unexpected number \"1\"")]
    [InlineData("up == 1", "1:4: parse error: unexpected <op:==>")]
    public void ParseMetricSelector_RefusesOtherExpressions(string text, string message) =>
        FluentActions.Invoking(() => Parser.ParseMetricSelector(text))
            .Should().Throw<ParseException>().WithMessage(message);

    [Fact]
    public void ParseExpression_TakesBytes() =>
        Parser.ParseExpression("{\"ü\"}"u8).ToString().Should().Be("{__name__=\"ü\"}");

    [Fact]
    public void Selectors_AreFoundInOrder() =>
        Parser.ParseExpression("a / sum(rate(b[5m])) + max_over_time(c[5m:]) > topk(scalar(e), d)").Selectors()
            .Select(s => s.Name).Should().Equal("a", "b", "c", "d", "e");

    private static string ShapeOf(Expression expression) => expression switch
    {
        NumberLiteral n => n.ToString(),
        VectorSelector v => v.Name,
        UnaryExpression u => $"{u.Operator}({ShapeOf(u.Operand)})",
        BinaryExpression b => $"{b.Operator}({ShapeOf(b.Left)}|{ShapeOf(b.Right)})",
        _ => throw new NotSupportedException(expression.ToString()),
    };
}
