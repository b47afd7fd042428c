using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public sealed class TsdbDumpCommandTests : IDisposable
{
    private const long Start = 1_700_000_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-dump-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Dump_WritesSamplesInTheOrderOfTheLog_WhenThereIsOnlyAHead()
    {
        await FillAsync();

        (await ToolRunner.RunAsync("dump", _folder)).Should().Be((0,
            $$"""
            {__name__="z", "b ä"="q\"x"} 1 {{Start}}
            {__name__="z", "b ä"="q\"x"} 1e+06 {{Start + 15_000}}
            {__name__="a"} NaN {{Start}}
            {__name__="a"} +Inf {{Start + 7_001}}

            """, ""));
        (await ToolRunner.RunAsync("dump-openmetrics", _folder)).Output.Should().Be(
            """
            z{b ä="q\"x"} 1 1700000000.000
            z{b ä="q\"x"} 1e+06 1700000015.000
            a{} NaN 1700000000.000
            a{} +Inf 1700000007.001
            # EOF

            """);
    }

    [Fact]
    public async Task Dump_SelectsSeriesAndTimes()
    {
        await FillAsync();

        (await ToolRunner.RunAsync("dump", $"--min-time={Start + 1}", $"--max-time={Start + 7_001}", _folder))
            .Output.Should().Be($"{{__name__=\"a\"}} +Inf {Start + 7_001}\n");
        // Several selectors: in the order of labels, each series once.
        var (_, output, _) = await ToolRunner.RunAsync(
            "dump", "--match=z", "--match={__name__=~\"a|z\"}", $"--max-time={Start}", _folder);
        output.Should().Be(
            $"{{__name__=\"a\"}} NaN {Start}\n{{__name__=\"z\", \"b ä\"=\"q\\\"x\"}} 1 {Start}\n");
        (await ToolRunner.RunAsync("dump", "--match=a", "--match={", _folder)).Should().Be(
            (1, "", "promhost: --match: 1:2: parse error: unexpected end of input inside braces\n"));
    }

    [Fact]
    public async Task Dump_ChangesNothing_WhileTheDatabaseIsOpen()
    {
        await using var database = await FillAsync(isKeptOpen: true);
        var before = Content();

        (await ToolRunner.RunAsync("dump", _folder)).Output.Split('\n').Should().HaveCount(5);

        Content().Should().Equal(before);
    }

    [Fact]
    public async Task Dump_WritesWhatIsReadable_AndNamesTheRest()
    {
        await FillAsync();
        var first = Directory.EnumerateFiles(Path.Combine(_folder, "wal")).Order(StringComparer.Ordinal).First();
        // A second segment, so that the first one does not end in what a crash may leave.
        await FillAsync(Start + 60_000);
        var bytes = await File.ReadAllBytesAsync(first, TestContext.Current.CancellationToken);
        bytes[Array.FindLastIndex(bytes, one => one != 0)] ^= 0x55;
        await File.WriteAllBytesAsync(first, bytes, TestContext.Current.CancellationToken);
        var before = Content();

        var (exitCode, output, error) = await ToolRunner.RunAsync("dump", _folder);

        exitCode.Should().Be(1);
        output.Should().Contain($" 1 {Start + 60_000}\n");
        error.Should().MatchRegex(@"^promhost: wal/00000000: offset \d+: .+\n");
        Content().Should().Equal(before);
    }

    [Fact]
    public async Task Dump_SaysThatTheDirectoryOrABlockIsNotThere()
    {
        (await ToolRunner.RunAsync("dump", _folder + "/none")).Should().Be(
            (1, "", $"promhost: {_folder}/none: there is no such directory\n"));
        Directory.CreateDirectory(Path.Combine(_folder, "01M7Z0CHTJ7TENGE3YDNPCYYCS"));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "01M7Z0CHTJ7TENGE3YDNPCYYCS", "meta.json"), "{",
            TestContext.Current.CancellationToken);
        var (exitCode, output, error) = await ToolRunner.RunAsync("dump", _folder);
        (exitCode, output).Should().Be((1, ""));
        error.Should().StartWith("promhost: 01M7Z0CHTJ7TENGE3YDNPCYYCS/meta.json: offset ");
    }

    private List<string> Content() =>
    [
        .. Directory.EnumerateFileSystemEntries(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => File.Exists(path) && !path.EndsWith("/lock", StringComparison.Ordinal)
                ? path + Convert.ToBase64String(File.ReadAllBytes(path).AsSpan(0, (int)Math.Min(100_000,
                    new FileInfo(path).Length)))
                : path),
    ];

    private async Task<Database> FillAsync(long start = Start, bool isKeptOpen = false)
    {
        var database = Database.Open(
            new DatabaseOptions { DataPath = _folder, IsAutoCompacted = false }, NullLogger.Instance,
            TimeProvider.System);
        await database.ReplayAsync();
        using (var appender = database.CreateAppender())
        {
            var z = appender.GetOrAddSeries(Labels.FromPairs(("__name__", "z"), ("b ä", "q\"x")), []);
            var a = appender.GetOrAddSeries(Labels.FromPairs(("__name__", "a")), []);
            appender.Append(z, [new FloatSample(start, 1), new FloatSample(start + 15_000, 1e6)]);
            appender.Append(
                a, [new FloatSample(start, double.NaN), new FloatSample(start + 7_001, double.PositiveInfinity)]);
            await appender.CommitAsync(TestContext.Current.CancellationToken);
        }

        if (!isKeptOpen) await database.DisposeAsync();
        return database;
    }
}
