using System.Text.Json;

namespace PromHost.Server.Tests;

public class AnswerWriterTests
{
    // Each was given to promtool 3.5.3 by a server, and is expected as promtool wrote it.
    [Theory]
    [InlineData("""{"metric":{"__name__":"a.b","x y":"1"},"value":[1700000000,"NaN"]}""",
        "a.b{x y=\"1\"} => NaN @[1700000000]")]
    [InlineData("""{"metric":{"job":"z"},"value":[1.5,"-Inf"]}""", "{job=\"z\"} => -Inf @[1.5]")]
    [InlineData("""{"metric":{},"value":[1700000000.100,"1e-07"]}""", "{} => 0.0000001 @[1700000000.1]")]
    [InlineData("""{"metric":{"__name__":"h"},"histogram":[1.5,{"count":"0","sum":"0"}]}""",
        "h => Count: 0.000000, Sum: 0.000000, Buckets: [] @[1.5]")]
    [InlineData("""
        {"metric":{"__name__":"h"},"histogram":[1.5,{"count":"12.5","sum":"1e+21","buckets":[
        [0,"-1e+06","0.000001","3"],[1,"1","2","1e+21"],[2,"2","+Inf","1"],[3,"-0.001","0.001","2"]]}]}
        """,
        "h => Count: 12.500000, Sum: 1000000000000000000000.000000, Buckets: [(-1e+06,1e-06]:3 " +
        "[1,2):1000000000000000000000 (2,+Inf):1 [-0.001,0.001]:2] @[1.5]")]
    public void WriteResult_WritesSamplesAsPromtool(string sample, string expected) =>
        Result("vector", $"[{sample}]").Should().Be(expected + "\n");

    [Fact]
    public void WriteResult_OrdersSeriesAsPromtool()
    {
        const string Matrix = """
            [{"metric":{"b":"1","c":"1"},"values":[[1,"1"],[2.5,"2"]]},
            {"metric":{"b":"2"},"values":[[1,"1"]]},
            {"metric":{"a":"2"},"values":[[1,"1"]],
            "histograms":[[2,{"count":"1","sum":"2","buckets":[[0,"1","2","1"]]}]]},
            {"metric":{"b":"1"},"histograms":[[2,{"count":"1","sum":"2"}]]}]
            """;

        Result("matrix", Matrix).Should().Be(
            """
            {b="1"} =>
            Count: 1.000000, Sum: 2.000000, Buckets: [] @[2]
            {b="2"} =>
            1 @[1]
            {a="2"} =>
            1 @[1]
            Count: 1.000000, Sum: 2.000000, Buckets: [(1,2]:1] @[2]
            {b="1", c="1"} =>
            1 @[1]
            2 @[2.5]

            """);
    }

    [Fact]
    public void WriteResult_WritesHistogramsAndFarTimes_InTables() =>
        Result(
            "vector",
            """
            [{"metric":{"a":"1"},"value":[1e15,"1"]},{"metric":{},"histogram":[1,{"count":"1","sum":"2"}]}]
            """,
            AnswerFormat.Table).Should().Be(
            """
            a  time                  value
            1  1000000000000000      1
               1970-01-01T00:00:01Z  Count: 1.000000, Sum: 2.000000, Buckets: []

            """);

    [Fact]
    public void TryWriteExplanation_IsFalse_WhenTheServerSentNone() =>
        new AnswerWriter(TextWriter.Null, AnswerFormat.Promql)
            .TryWriteExplanation(JsonDocument.Parse("{}").RootElement).Should().BeFalse();

    private static string Result(string type, string result, AnswerFormat format = AnswerFormat.Promql)
    {
        using var output = new StringWriter();
        using var data = JsonDocument.Parse($$"""{"resultType":"{{type}}","result":{{result}}}""");
        new AnswerWriter(output, format).WriteResult(data.RootElement);
        return output.ToString();
    }
}
