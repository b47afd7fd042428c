namespace PromHost.PromQL.Tests;

public sealed class StepInvarianceTests
{
    [Theory]
    [InlineData("m @ 1", true, true)]
    [InlineData("m @ start()", true, true)]
    [InlineData("m", false, false)]
    [InlineData("1", true, false)]
    [InlineData("1 + 2", true, true)]
    [InlineData("time()", false, false)]
    [InlineData("start()", true, false)]
    [InlineData("start() + step()", true, true)]
    [InlineData("sum(m @ 1)", true, true)]
    [InlineData("topk(scalar(m), m @ 1)", true, true)]
    [InlineData("rate(m[1m] @ 1)", true, true)]
    [InlineData("rate(m[1m])", false, false)]
    [InlineData("predict_linear(m[1m] @ 1, 2)", false, false)]
    [InlineData("quantile_over_time(scalar(m), m[1m] @ 1)", false, false)]
    [InlineData("timestamp(m @ 1)", true, true)]
    [InlineData("timestamp((m @ 1))", true, true)]
    [InlineData("timestamp(abs(m @ 1))", false, false)]
    [InlineData("hour(m @ 1)", false, false)]
    [InlineData("max_over_time(m[1m:1s] @ 1)", true, true)]
    [InlineData("max_over_time((m @ 1)[1m:1s])", false, false)]
    [InlineData("(m @ 1) + m", false, false)]
    [InlineData("-(m @ 1)", true, true)]
    public void Of_JudgesAsUpstream(string query, bool isInvariant, bool isWorthIt)
    {
        var expression = Parser.ParseExpression(query, new ParserOptions { ExperimentalFunctions = true });

        new StepInvariance().Of(expression).Should().Be(new StepInvariance.Verdict(isInvariant, isWorthIt));
    }
}
