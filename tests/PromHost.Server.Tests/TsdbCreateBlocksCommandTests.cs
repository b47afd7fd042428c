using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public sealed class TsdbCreateBlocksCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-import-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Input => Path.Combine(_folder, "input.om");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CreateBlocks_WritesABlockPerRange_OfSamplesInAnyOrderOfRanges()
    {
        await WriteAsync(
            """
            # TYPE h histogram
            h_bucket{le="1",gone=""} 2 1700020800
            h_bucket{le="+Inf"} 3 1700006400.5 # {trace="x"} 1
            # TYPE m gauge
            {"m ä",l="a\nb"} NaN 1700013599.999
            m 5 -1
            m 5 -1
            # EOF
            """);

        var (exitCode, output, error) = await RunAsync("--label=new=x=y");

        (exitCode, error).Should().Be((0, ""));
        var lines = output.Split('\n');
        lines.Should().HaveCount(5);
        lines[0].Should().StartWith("BLOCK ULID ");
        lines[1].Should().Contain("  -1000        -999         1ms          1            1            1            ");
        lines[2].Should().Contain("  1700006400500  1700013600000  1h59m59.5s   2            2            2 ");
        (await ToolRunner.RunAsync("dump", Data)).Output.Should().Be(
            """
            {__name__="h_bucket", le="+Inf", new="x=y"} 3 1700006400500
            {__name__="h_bucket", le="1.0", new="x=y"} 2 1700020800000
            {__name__="m", new="x=y"} 5 -1000
            {__name__="m ä", l="a\nb", new="x=y"} NaN 1700013599999

            """);
        (await ToolRunner.RunAsync("verify", Data)).ExitCode.Should().Be(0);
        Directory.EnumerateFileSystemEntries(Data).Should().HaveCount(3);
        Hints().Should().OnlyContain(hints => hints == "");
    }

    [Theory]
    [InlineData("a 1 1\nb 1\n# EOF\n", "2:1: expected timestamp for series {__name__=\"b\"}, got none")]
    [InlineData("a 1 1\n# TYPE a oops\n# EOF\n", "2:9: invalid metric type \"oops\"")]
    [InlineData("a 1 1\n", "2:1: data does not end with # EOF")]
    [InlineData("a 1 1\n# EOF\nb 1 1\n", "3:1: unexpected data after # EOF")]
    [InlineData("a{b=\"1\",b=\"2\"} 1 1\n# EOF\n", "1:1: a label name is not unique")]
    [InlineData(
        "a{b=\"1\"} 1 5\na{b=\"1\"} 1 8000\na{b=\"1\"} 2 4\n# EOF\n",
        "3:1: out of order: series {__name__=\"a\", b=\"1\"} has a newer sample before")]
    [InlineData("a 1 5\na 2 5\n# EOF\n", "2:1: series {__name__=\"a\"} has another value at the same time before")]
    public async Task CreateBlocks_ChangesNothing_WhenTheInputIsWrong(string text, string expected)
    {
        await File.WriteAllTextAsync(Input, text, TestContext.Current.CancellationToken);

        (await RunAsync()).Should().Be((1, "", $"promhost: {Input}:{expected}\n"));

        Directory.Exists(Data).Should().BeFalse();
    }

    [Fact]
    public async Task CreateBlocks_SaysThatThereIsNoFile()
    {
        var (exitCode, _, error) = await RunAsync();
        exitCode.Should().Be(1);
        error.Should().Be($"promhost: Could not find file '{Input}'.\n");
        (await RunAsync("--label==x")).Error.Should().Contain("--label: expected NAME=VALUE, got =x");
    }

    [Fact]
    public async Task CreateBlocks_MarksWhatReachesIntoTheLog()
    {
        await WriteAsync("a 1 1700000000\na 2 1700010000\n# EOF");
        Directory.CreateDirectory(Path.Combine(Data, "wal"));
        await File.WriteAllBytesAsync(
            Path.Combine(Data, "wal", "00000000"), new byte[32768], TestContext.Current.CancellationToken);

        // Nothing says that the log begins later.
        (await RunAsync("-q")).Should().Be((0, "", ""));
        Hints().Should().Equal("from-out-of-order", "from-out-of-order");
    }

    [Fact]
    public async Task CreateBlocks_MarksNothing_BelowWholeBlocks()
    {
        await WriteAsync("a 1 1700010000\n# EOF");
        await RunAsync("-q");
        Directory.CreateDirectory(Path.Combine(Data, "wal"));
        await File.WriteAllBytesAsync(
            Path.Combine(Data, "wal", "00000000"), new byte[32768], TestContext.Current.CancellationToken);
        await WriteAsync("b 1 1700009999\n# EOF");
        await RunAsync("-q");
        await WriteAsync("c 1 1700010001\n# EOF");
        await RunAsync("-q");

        Hints().Should().Equal("", "", "from-out-of-order");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 6)]
    [InlineData(24, 18)]
    [InlineData(10_000_000, 39_366)]
    public void RangeFor_IsThatOfPromtool(long maxHours, long expectedHours) =>
        BlockImport.RangeFor(maxHours * 3_600_000).Should().Be(expectedHours * 3_600_000);

    private IEnumerable<string> Hints() => Directory.EnumerateDirectories(Data, "0*").Order(StringComparer.Ordinal)
        .Select(block => File.ReadAllText(Path.Combine(block, "meta.json")))
        .Select(meta => meta.Contains("from-out-of-order", StringComparison.Ordinal) ? "from-out-of-order" : "");

    private Task WriteAsync(string text) =>
        File.WriteAllTextAsync(Input, text + "\n", TestContext.Current.CancellationToken);

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] flags) =>
        ToolRunner.RunAsync(["create-blocks-from", "openmetrics", .. flags, Input, Data]);
}
