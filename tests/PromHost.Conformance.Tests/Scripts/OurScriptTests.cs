namespace PromHost.Conformance.Tests;

/// <summary>Runs the scripts of this repository; all of them pass.</summary>
public class OurScriptTests(ITestOutputHelper output)
{
    private static readonly string s_folder =
        Path.Combine(ConformanceFolder.RepositoryRoot, "tests", "PromHost.Conformance.Tests", "ours");

    public static TheoryData<string> Files { get; } =
    [
        .. Directory.GetFiles(s_folder, "*.test").Select(static f => Path.GetFileName(f))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_Passes(string file)
    {
        using var engine = new ScriptEngine();
        var script = File.ReadAllText(Path.Combine(s_folder, file));
        ScriptCorpus.Run("ours/" + file, script, new ScriptRunner(engine)).AssertAsListed(output);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_PassesOverTheDatabase(string file)
    {
        var script = File.ReadAllText(Path.Combine(s_folder, file));
        ScriptCorpus.RunOverDatabase("ours/" + file, script).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Script_GivesTheSameBits_HoweverManyWorkers(string file)
    {
        var script = File.ReadAllText(Path.Combine(s_folder, file));
        ScriptCorpus.RunWithManyWorkers(script).Should().BeEmpty();
    }
}
