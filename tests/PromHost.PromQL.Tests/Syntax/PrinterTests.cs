namespace PromHost.PromQL.Tests;

public class PrinterTests
{
    [Theory]
    [InlineData("a{z='1',b=~\"x|y\"}", "a{b=~\"x|y\",z=\"1\"}")]
    [InlineData("sum(a) by (x , \"y z\")", "sum by (x, \"y z\") (a)")]
    [InlineData("sum(a) without ()", "sum without () (a)")]
    [InlineData("a*on(x)group_left b", "a * on (x) group_left () b")]
    [InlineData("a + fill_left(1) fill_right(2) b", "a + fill_left (1) fill_right (2) b")]
    [InlineData("a + fill_right(1) fill_left(1) b", "a + fill (1) b")]
    [InlineData("a offset 90m", "a offset 1h30m")]
    [InlineData("a[5m:1m]offset -5m@10.5", "a[5m:1m] @ 10.500 offset -5m")]
    [InlineData("a[90s+1m]", "a[1m30s + 1m]")]
    [InlineData("1e3 + 1h + 1e-7", "1000 + 1h + 0.0000001")]
    [InlineData("'it\\'s \"x\"'", "\"it's \\\"x\\\"\"")]
    [InlineData("a >BOOL 1", "a > bool 1")]
    [InlineData("topk (5, a)", "topk(5, a)")]
    [InlineData("1s1ms", "1s1ms")]
    [InlineData("a @ START ( )", "a @ start()")]
    public void ToString_WritesTheNormalForm(string text, string printed) =>
        Parser.ParseExpression(text, ExpressionGenerator.AllOptions).ToString().Should().Be(printed);

    [Fact]
    public void Prettify_SplitsWhatIsTooLong()
    {
        const string Text =
            "histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5";
        Prettifier.Prettify(Parser.ParseExpression(Text)).Should().Be(Text);
        Prettifier.Prettify(Parser.ParseExpression(Text), 60).Should().Be(
            """
              histogram_quantile(
                0.9,
                sum by (le) (rate(http_request_duration_seconds_bucket[5m]))
              )
            >
              0.5
            """.ReplaceLineEndings("\n"));
    }
}
