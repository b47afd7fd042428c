using System.Globalization;
using System.Text;
using PromHost.Tsdb;

namespace PromHost.Interop.Tests;

/// <summary>Prometheus reads blocks that PromHost wrote, and finds in them what it put into its own.</summary>
public class BlockInteropTests
{
    private const long StartSeconds = 1_700_006_400;

    [Fact]
    public async Task Promtool_FindsTheSame_InABlockWrittenFromOneOfPrometheus()
    {
        Peers.Require();
        var folder = Directory.CreateTempSubdirectory("promhost-blocks-").FullName;
        try
        {
            var input = Path.Combine(folder, "input.om");
            await File.WriteAllTextAsync(input, OpenMetrics(), TestContext.Current.CancellationToken);
            await RunAsync("create-blocks-from", "openmetrics", input, Path.Combine(folder, "theirs"));

            Rewrite(folder);
            await ImportAsync(input, Path.Combine(folder, "imported"));

            foreach (var version in new[] { Peers.Promtool, Peers.OldPromtool })
            {
                var theirs = await DumpAsync(version, Path.Combine(folder, "theirs"));
                theirs.Should().HaveCountGreaterThan(100_000);
                (await DumpAsync(version, Path.Combine(folder, "ours"))).Should().Equal(theirs);
                (await DumpAsync(version, Path.Combine(folder, "imported"))).Should().Equal(theirs);
            }

            var ours = Path.Combine(folder, "ours");
            await ComparedDump.AssertSameAsync("dump", "--match={instance=~\"host-1.*\",size=\"g 3\"}", ours);
            await ComparedDump.AssertSameAsync(
                "dump-openmetrics", $"--max-time={(StartSeconds + 9000) * 1000}", "--match=metric_7",
                "--match={instance=\"host-2:9100\"}", ours);
            AssertSizes(folder);
            (await ListAsync(folder, "ours")).Should().Equal(await ListAsync(folder, "theirs"));
            (await ListAsync(folder, "imported")).Should().Equal(await ListAsync(folder, "theirs"));
            foreach (var name in Directory.EnumerateDirectories(Path.Combine(folder, "ours"), "0*"))
            {
                var analysis = await RunAsync("analyze", Path.Combine(folder, "ours"), Path.GetFileName(name));
                analysis.Should().Contain("Total Series: 900\n");
                await AssertAnalysisAsync(Path.Combine(folder, "ours"), Path.GetFileName(name));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Two blocks of two hours.
    private static string OpenMetrics()
    {
        var text = new StringBuilder();
        var random = new Random(1);
        for (var metric = 0; metric < 30; metric++)
        {
            text.Append(CultureInfo.InvariantCulture, $"# TYPE metric_{metric} gauge\n");
            for (var i = 0; i < 30; i++)
            {
                for (var t = 0; t < 240; t++)
                {
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $$"""metric_{{metric}}{instance="host-{{i}}:9100",job="nodes",size="g {{i % 4}}"} """);
                    text.Append(CultureInfo.InvariantCulture, $"{random.Next(4) * i} {StartSeconds + (t * 60)}\n");
                }
            }
        }

        return text.Append("# EOF\n").ToString();
    }

    private static async Task ImportAsync(string input, string dataPath)
    {
        await using var program = PromHostProgram.Start("tsdb", "create-blocks-from", "openmetrics", input, dataPath);
        (await program.WaitForExitAsync()).Should().Be(0, program.Output);
        Directory.CreateDirectory(Path.Combine(dataPath, "wal"));
    }

    private static void Rewrite(string folder)
    {
        var theirs = new DataDirectory(Path.Combine(folder, "theirs"));
        var writer = new BlockWriter(
            new DataDirectory(Path.Combine(folder, "ours")), TimeProvider.System, Random.Shared);
        Directory.CreateDirectory(Path.Combine(folder, "ours", "wal"));
        Directory.CreateDirectory(Path.Combine(folder, "theirs", "wal"));
        foreach (var name in theirs.List("").Where(name => Ulid.TryParse(name, out _)))
        {
            using var block = Block.Open(theirs, name);
            using var source = new BlockChunkSource(block);
            var options = new BlockWriteOptions
            {
                MinTimeMs = block.Meta.MinTimeMs,
                MaxTimeMs = block.Meta.MaxTimeMs,
            };
            writer.Write(source, options, TestContext.Current.CancellationToken).Should().NotBeNull();
        }
    }

    // The same chunks, and an index without the label indices, which nobody reads.
    private static void AssertSizes(string folder)
    {
        foreach (var (file, mayBeLess) in new[] { ("index", true), ("chunks/000001", false) })
        {
            var theirs = Sizes(folder, "theirs", file);
            var ours = Sizes(folder, "ours", file);
            ours.Should().HaveCount(theirs.Count);
            for (var i = 0; i < ours.Count; i++)
            {
                ours[i].Should().BeLessThanOrEqualTo(theirs[i], file);
                if (!mayBeLess) ours[i].Should().Be(theirs[i], file);
            }
        }
    }

    private static List<long> Sizes(string folder, string side, string file) =>
        [
            .. Directory.EnumerateDirectories(Path.Combine(folder, side), "0*")
                .Select(block => new FileInfo(Path.Combine(block, file)).Length)
                .Order(),
        ];

    private static async Task<List<string>> DumpAsync(string promtool, string dataPath)
    {
        await using var program = RunningProgram.Start(promtool, "tsdb", "dump", dataPath);
        (await program.WaitForExitAsync()).Should().Be(0, program.Output);
        return [.. program.Output.Split('\n').Where(line => line.StartsWith('{')).Order(StringComparer.Ordinal)];
    }

    // All columns but the name and the size.
    private static async Task<List<string>> ListAsync(string folder, string side)
    {
        var list = await RunAsync("list", Path.Combine(folder, side));
        return
        [
            .. list.Split('\n').Where(line => line.StartsWith('0'))
                .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..^1])),
        ];
    }

    // Where counts are equal promtool's order is random.
    private static async Task AssertAnalysisAsync(string dataPath, string block)
    {
        foreach (var flag in (string[])["", """--match={size="g 3",__name__=~"metric_1.*"}"""])
        {
            string[] arguments = flag.Length > 0
                ? ["analyze", "--extended", "--limit=10000", flag, dataPath, block]
                : ["analyze", "--extended", "--limit=10000", dataPath, block];
            await using var ours = PromHostProgram.Start(["tsdb", .. arguments]);
            (await ours.WaitForExitAsync()).Should().Be(0, ours.Output);
            Sections(ours.Output).Should().Equal(Sections(await RunAsync(arguments)));
        }
    }

    private static IEnumerable<string> Sections(string analysis) =>
        analysis.Split("\n\n")
            .Select(section => string.Join('\n', section.Trim().Split('\n').Order(StringComparer.Ordinal)));

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var program = RunningProgram.Start(Peers.Promtool, ["tsdb", .. arguments]);
        (await program.WaitForExitAsync()).Should().Be(0, program.Output);
        return program.Output;
    }
}
