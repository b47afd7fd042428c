namespace PromHost.Conformance.Tests;

/// <summary>Runs the upstream scripts, where they are on this machine.</summary>
public class UpstreamScriptTests(ITestOutputHelper output)
{
    private const string Folder = "promqltest";

    // Named here so that they are skipped by name where they are absent.
    public static TheoryData<string> Files { get; } =
    [
        "aggregators", "at_modifier", "collision", "duration_expression", "extended_vectors", "fill-modifier",
        "functions", "histograms", "info", "limit", "literals", "name_label_dropping", "native_histograms", "operators",
        "range_queries", "selectors", "staleness", "start_timestamps", "subquery", "trig_functions", "type_and_unit",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_IsAsKnown(string name)
    {
        var script = File.ReadAllText(ConformanceFolder.Require($"{Folder}/{name}.test"));
        using var engine = new ScriptEngine();
        ScriptCorpus.Run($"{Folder}/{name}.test", script, new ScriptRunner(engine)).AssertAsListed(output);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_PassesOverTheDatabase(string name)
    {
        var script = File.ReadAllText(ConformanceFolder.Require($"{Folder}/{name}.test"));
        ScriptCorpus.RunOverDatabase($"{Folder}/{name}.test", script).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_GivesTheSameBits_HoweverManyWorkers(string name)
    {
        var script = File.ReadAllText(ConformanceFolder.Require($"{Folder}/{name}.test"));
        ScriptCorpus.RunWithManyWorkers(script).Should().BeEmpty();
    }

    [Fact]
    public void Files_AreAllThatThereAre()
    {
        var folder = ConformanceFolder.Require(Folder);
        var names = Directory.GetFiles(folder, "*.test").Select(Path.GetFileNameWithoutExtension);
        names.Should().BeEquivalentTo(Files.Select(static row => row.Data));
    }

    [Fact]
    public void KnownFailures_AreNone() => KnownFailures.Load().Reasons.Keys
        .Where(static id => id.StartsWith(Folder + "/", StringComparison.Ordinal)).Should().BeEmpty();
}
