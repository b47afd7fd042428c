using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>The scripts of this repository use the whole language.</summary>
public class OurScriptCoverageTests
{
    private static readonly Expression[] s_used = FindUsed();

    [Fact]
    public void Scripts_CallEveryFunction()
    {
        var called = s_used.OfType<Call>().Select(static c => c.Function.Name);
        FunctionTable.All.Select(static f => f.Name).Except(called, StringComparer.Ordinal).Should().BeEmpty();
    }

    [Fact]
    public void Scripts_UseEveryAggregation()
    {
        var used = s_used.OfType<AggregateExpression>().ToLookup(static a => a.Aggregation);
        Enum.GetValues<Aggregation>().Where(a => !used.Contains(a)).Should().BeEmpty();
    }

    [Fact]
    public void Scripts_UseEveryOperator()
    {
        var used = s_used.OfType<BinaryExpression>().ToLookup(static b => b.Operator);
        Enum.GetValues<BinaryOperator>().Where(o => !used.Contains(o)).Should().BeEmpty();
    }

    private static Expression[] FindUsed()
    {
        var folder = Path.Combine(ConformanceFolder.RepositoryRoot, "tests", "PromHost.Conformance.Tests", "ours");
        return
        [
            .. Directory.GetFiles(folder, "*.test").SelectMany(static f => ScriptParser.Parse(File.ReadAllText(f)))
                .OfType<EvalCommand>().SelectMany(static e => ExcuseFinder.Walk(e.Query)),
        ];
    }
}
