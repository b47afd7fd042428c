using PromHost.PromQL;

namespace PromHost.Interop.Tests;

public sealed class QueryWriterTests
{
    // Prometheus 3.5 does not know them.
    private static readonly string[] s_newer =
    [
        "end", "first_over_time", "histogram_quantiles", "max_of", "min_of", "range", "start", "start_timestamp",
        "step", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
    ];

    [Fact]
    public void Functions_AreAllButThoseThatPrometheusDoesNotKnow() =>
        QueryWriter.Functions.Distinct(StringComparer.Ordinal).Should().BeEquivalentTo(
            FunctionTable.All.Select(static function => function.Name).Except(s_newer, StringComparer.Ordinal));

    [Fact]
    public void Query_IsWellFormed_AndUsesEveryFunctionAndOperator()
    {
        var calls = new HashSet<string>(StringComparer.Ordinal);
        var operators = new HashSet<BinaryOperator>();
        var aggregations = new HashSet<Aggregation>();
        var options = new ParserOptions { ExperimentalFunctions = true };
        for (var seed = 0; seed < 20_000; seed++) Gather(Parser.ParseExpression(Write(seed), options));
        calls.Should().BeEquivalentTo(QueryWriter.Functions.Distinct(StringComparer.Ordinal));
        operators.Should().BeEquivalentTo(
            Enum.GetValues<BinaryOperator>().Except([BinaryOperator.TrimLower, BinaryOperator.TrimUpper]));
        aggregations.Should().BeEquivalentTo(Enum.GetValues<Aggregation>());

        void Gather(Expression expression)
        {
            if (expression is Call call) calls.Add(call.Function.Name);
            if (expression is BinaryExpression binary) operators.Add(binary.Operator);
            if (expression is AggregateExpression aggregate) aggregations.Add(aggregate.Aggregation);
            foreach (var child in expression.Children) Gather(child);
        }
    }

    [Fact]
    public void Query_IsTheSame_WhenTheSeedIs() => Write(42).Should().Be(Write(42));

    private static string Write(int seed) => new QueryWriter(new Random(seed), 1_700_000_000_000).Query();
}
