namespace PromHost.PromQL.Tests;

public class ParserErrorTests
{
    [Theory]
    [InlineData("foo bar", "1:5: parse error: unexpected identifier \"bar\"")]
    [InlineData("sum(foo bar)", "1:9: parse error: unexpected identifier \"bar\" in aggregation")]
    [InlineData("rate(foo bar)", "1:10: parse error: unexpected identifier \"bar\"")]
    [InlineData("sum by", "1:7: parse error: unexpected end of input in grouping opts, expected \"(\"")]
    [InlineData("sum by (a", "1:10: parse error: unclosed left parenthesis")]
    [InlineData(
        "sum by (a b) (c)",
        "1:11: parse error: unexpected identifier \"b\" in grouping opts, expected \",\" or \")\"")]
    [InlineData("sum by (1) (c)", "1:9: parse error: unexpected number \"1\" in grouping opts, expected label")]
    [InlineData("sum by (\"\") (c)", "1:9: parse error: invalid label name for grouping: \"\"")]
    [InlineData("a + on b", "1:8: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\"")]
    [InlineData(
        "{a b}",
        "1:4: parse error: unexpected identifier \"b\" in label matching, expected label matching operator")]
    [InlineData("a * on(x) group_left == b", "1:22: parse error: unexpected <op:==> in grouping opts, expected \"(\"")]
    [InlineData("{,}", "1:2: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")]
    [InlineData(
        "a offset",
        "1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()")]
    [InlineData("a @ b", "1:5: parse error: unexpected identifier \"b\" in @, expected timestamp")]
    [InlineData("a @ start", "1:10: parse error: unexpected end of input in @, expected timestamp")]
    [InlineData(
        "a[5m 5m]",
        "1:6: parse error: unexpected duration \"5m\" in subquery or range, expected \":\" or \"]\"")]
    [InlineData("a[5m:5m 5m]", "1:9: parse error: unexpected duration \"5m\" in subquery selector, expected \"]\"")]
    [InlineData("a[5m:)", "1:7: parse error: unexpected right parenthesis ')'")]
    [InlineData("a[5m", "1:5: parse error: unclosed left bracket")]
    [InlineData("a]", "1:2: parse error: unexpected right bracket ']'")]
    [InlineData("a ; b", "1:3: parse error: unexpected character: ';'")]
    [InlineData("a\n  + ?", "2:5: parse error: unexpected character: '?'")]
    [InlineData("\"a", "1:1: parse error: unterminated quoted string")]
    [InlineData("ü", "1:1: parse error: unexpected character: 'ü'")]
    [InlineData("nope(a)", "1:1: parse error: unknown function with name \"nope\"")]
    [InlineData("info(a)", "1:1: parse error: function \"info\" is not enabled")]
    [InlineData("a anchored", "1:1: parse error: anchored modifier is experimental and not enabled")]
    [InlineData("a + fill(1) b", "1:1: parse error: binop fill modifiers are experimental and not enabled")]
    [InlineData("abs(a,)", "1:6: parse error: trailing commas not allowed in function call args")]
    [InlineData("a offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times")]
    [InlineData("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times")]
    [InlineData("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier")]
    [InlineData(
        "a + on(x) group_left(x) b",
        "1:3: parse error: label \"x\" must not occur in ON and GROUP clause at once")]
    [InlineData("a + \"b\"", "1:5: parse error: binary expression must contain only scalar and instant vector types")]
    [InlineData("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar")]
    [InlineData("label_join(a)", "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 1")]
    [InlineData("round(a, 1, 2)", "1:1: parse error: expected at most 2 argument(s) in call to \"round\", got 3")]
    [InlineData("1[5m:]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead")]
    [InlineData("1e", "1:1: parse error: bad number or duration syntax: \"1e\"")]
    [InlineData("# nothing", "1:1: parse error: no expression found in input")]
    public void ParseExpression_SaysWhereAndWhat(string text, string message) =>
        FluentActions.Invoking(() => Parser.ParseExpression(text)).Should().Throw<ParseException>()
            .Which.Message.Should().Be(message);

    [Fact]
    public void ParseExpression_ReportsAllErrors()
    {
        var errors = FluentActions.Invoking(() => Parser.ParseExpression("abs(1) + rate(a) + {x=\"\"}"))
            .Should().Throw<ParseException>().Which.Errors;
        errors.Select(e => e.Position.Start).Should().Equal(4, 14, 19);
    }

    [Fact]
    public void ParseExpression_GoesOnAfterAnUnexpectedToken()
    {
        var errors = FluentActions.Invoking(() => Parser.ParseExpression("sum by (,) (nope(a)) + {b}"))
            .Should().Throw<ParseException>().Which.Errors;
        errors.Select(e => e.Message).Should().Equal(
            "unexpected \",\" in grouping opts, expected label",
            "unknown function with name \"nope\"",
            "unexpected \"}\" in label matching, expected label matching operator");
    }
}
