namespace PromHost.Server.Tests;

public sealed class TsdbCommandTests : IDisposable
{
    private const string Id = "01M7Z0CHTJ7TENGE3YDNPCYYCS";

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-tools-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task List_WritesWhatPromtoolWrites()
    {
        MakeBlock();

        (await ToolRunner.RunAsync("list", _folder)).Should().Be((0, string.Join('\n',
            "BLOCK ULID                  MIN TIME       MAX TIME       DURATION     NUM SAMPLES  NUM CHUNKS   " +
            "NUM SERIES   SIZE",
            "01M7Z0CHTJ7TENGE3YDNPCYYCS  1700000000000  1700000015001  15.001s      3            2            " +
            "2            2048",
            ""), ""));
        (await ToolRunner.RunAsync("list", "-r", _folder)).Output.Should().EndWith(
            "01M7Z0CHTJ7TENGE3YDNPCYYCS  2023-11-14 22:13:20 +0000 UTC  2023-11-14 22:13:35 +0000 UTC  15.001s      " +
            "3            2            2            2KiB\n");
    }

    [Fact]
    public async Task List_WritesTheHeader_WhenThereIsNoBlock() =>
        (await ToolRunner.RunAsync("list", _folder)).Output.Should().Be(
            "BLOCK ULID   MIN TIME     MAX TIME     DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE\n");

    [Theory]
    [InlineData("list")]
    [InlineData("verify")]
    public async Task Tools_SayThatThereIsNoDirectory(string tool) =>
        (await ToolRunner.RunAsync(tool, Path.Combine(_folder, "none"))).Should().Be(
            (1, "", $"promhost: {_folder}/none: there is no such directory\n"));

    [Fact]
    public async Task List_NamesFileAndOffset_WhenADescriptionIsDamaged()
    {
        Directory.CreateDirectory(Path.Combine(_folder, Id));
        await File.WriteAllTextAsync(
            Path.Combine(_folder, Id, "meta.json"), "{\"ulid\": oops}", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await ToolRunner.RunAsync("list", _folder);

        exitCode.Should().Be(1);
        output.Should().BeEmpty();
        error.Should().StartWith($"promhost: {Id}/meta.json: offset 9: not JSON");
    }

    [Fact]
    public async Task Analyze_SaysWhatIsWrong_WithItsArguments()
    {
        (await ToolRunner.RunAsync("analyze", _folder)).Should().Be(
            (1, "", $"promhost: {_folder}: there is no block\n"));
        (await ToolRunner.RunAsync("analyze", _folder, Id)).Should().Be(
            (1, "", $"promhost: {_folder}: there is no block {Id}\n"));
        (await ToolRunner.RunAsync("analyze", "--match={", _folder)).Error.Should().StartWith(
            "promhost: --match: 1:2: parse error");
    }

    [Fact]
    public async Task Verify_ListsProblems_AndExitsWithOne()
    {
        (await ToolRunner.RunAsync("verify", _folder)).Should().Be((0, "0 blocks, 0 bytes checked: no problem\n", ""));
        MakeBlock();

        var (exitCode, output, error) = await ToolRunner.RunAsync("verify", _folder);

        exitCode.Should().Be(1);
        output.Should().MatchRegex(@"^1 blocks, 2048 bytes checked: \d+ problems\n$");
        error.Should().Contain($"{Id}/tombstones: offset 0: the file does not begin with the magic number\n")
            .And.Contain($"{Id}/index: the file is missing\n");
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(-1500, "-1.5s")]
    [InlineData(15_001, "15.001s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(7_200_000, "2h0m0s")]
    [InlineData(90_061_010, "25h1m1.01s")]
    public void GoDurationText_IsThatOfGo(long durationMs, string expected) =>
        GoDurationText.Of(durationMs).Should().Be(expected);

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1023, "1023B")]
    [InlineData(1024, "1KiB")]
    [InlineData(3_145_733, "3MiB5B")]
    [InlineData(1_074_791_425, "1GiB1MiB1KiB1B")]
    public void Size_IsThatOfPromtool(long bytes, string expected) => BlockTable.Size(bytes).Should().Be(expected);

    [Fact]
    public void ProgressLine_ShowsAndGoesAway()
    {
        using var terminal = new StringWriter();
        var line = new ProgressLine(terminal);

        line.Show(new PromHost.Tsdb.ToolProgress("wal", 1, 2));
        line.Clear();

        var text = "[###############...............]  50 % wal";
        terminal.ToString().Should().Be($"\r{text}\r{new string(' ', text.Length)}\r");
    }

    // meta.json as promtool wrote it, and a file that makes the size round.
    private void MakeBlock()
    {
        var block = Directory.CreateDirectory(Path.Combine(_folder, Id)).FullName;
        var meta = "{\n\t\"ulid\": \"" + Id + "\",\n\t\"minTime\": 1700000000000,\n\t\"maxTime\": 1700000015001,\n" +
            "\t\"stats\": {\n\t\t\"numSamples\": 3,\n\t\t\"numSeries\": 2,\n\t\t\"numChunks\": 2\n\t},\n" +
            "\t\"compaction\": {\n\t\t\"level\": 1\n\t},\n\t\"version\": 1\n}";
        File.WriteAllText(Path.Combine(block, "meta.json"), meta);
        File.WriteAllBytes(Path.Combine(block, "tombstones"), new byte[2048 - meta.Length]);
    }
}
