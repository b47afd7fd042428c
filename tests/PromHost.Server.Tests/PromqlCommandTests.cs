using System.Text.Json;

namespace PromHost.Server.Tests;

public class PromqlCommandTests
{
    [Theory]
    [InlineData("sum  by(job)   (rate(up[5m]))", "sum by (job) (rate(up[5m]))\n")]
    [InlineData("-1 ^ 2 # two", "-1 ^ 2\n")]
    public async Task Format_WritesTheNormalForm_OfAnArgumentOrTheInput(string expression, string expected)
    {
        (await ToolRunner.RunProgramAsync("", "promql", "format", "--", expression)).Should().Be((0, expected, ""));
        (await ToolRunner.RunProgramAsync(expression + "\n", "promql", "format")).Should().Be((0, expected, ""));
    }

    [Fact]
    public async Task Format_WritesSeveralLines_WhenItIsLong()
    {
        var name = new string('a', 60);

        (await ToolRunner.RunProgramAsync("", "promql", "format", $"{name}+{name}")).Output.Should().Be(
            $"  {name}\n+\n  {name}\n");
    }

    [Fact]
    public async Task Parse_WritesTheTreeOfTheApi()
    {
        var (exitCode, output, _) = await ToolRunner.RunProgramAsync("", "promql", "parse", "(1)");

        (exitCode, output).Should().Be(
            (0, """{"expr":{"type":"numberLiteral","val":"1"},"type":"parenExpr"}""" + "\n"));
    }

    [Theory]
    [InlineData("limitk(1, up)", "promql-experimental-functions")]
    [InlineData("rate(up[5m] smoothed)", "promql-extended-range-selectors")]
    [InlineData("a + fill(0) b", "promql-binop-fill-modifiers")]
    public async Task Parse_TakesExperimentalSyntax_OnlyWithItsFeature(string expression, string feature)
    {
        (await ToolRunner.RunProgramAsync("", "promql", "parse", expression)).ExitCode.Should().Be(1);

        var (exitCode, output, error) = await ToolRunner.RunProgramAsync(
            "", "promql", "--enable-feature=native-histograms, " + feature, "parse", expression);

        (exitCode, error).Should().Be((0, ""));
        JsonDocument.Parse(output).RootElement.GetProperty("type").GetString().Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("format")]
    [InlineData("parse")]
    public async Task Promql_SaysWhereAnExpressionIsWrong(string command)
    {
        (await ToolRunner.RunProgramAsync("", "promql", command, "sum(")).Should().Be(
            (1, "", "promhost: 1:5: parse error: unclosed left parenthesis\n"));
        (await ToolRunner.RunProgramAsync("up\n+\n\"a\"", "promql", command)).Should().Be((1, "",
            "promhost: 3:1: parse error: binary expression must contain only scalar and instant vector types\n"));
    }

    [Theory]
    [InlineData("promql")]
    [InlineData("promql", "format", "--enable-feature=nonsense", "up")]
    [InlineData("promql", "format", "up", "down")]
    [InlineData("nonsense")]
    public async Task Promql_EndsWithTwo_WhenTheCommandLineIsWrong(params string[] arguments)
    {
        var (exitCode, _, error) = await ToolRunner.RunProgramAsync("", arguments);

        exitCode.Should().Be(2);
        error.Should().StartWith("promhost: the command line is wrong; --help lists the flags\n");
    }
}
