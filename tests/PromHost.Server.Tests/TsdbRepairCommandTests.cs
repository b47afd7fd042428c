using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server.Tests;

public sealed class TsdbRepairCommandTests : IDisposable
{
    private const int SeriesCount = 20;
    private const int SamplesPerSeries = 300;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-repair-").FullName;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Repair_FindsNothing_InSoundDirectories()
    {
        await MakeBlockAsync();
        await MakeLogAsync();

        (await ToolRunner.RunAsync("repair", "--dry-run", Data)).Should().Be((0, "nothing to repair\n", ""));
        var before = Content();
        (await ToolRunner.RunAsync("repair", Data)).Should().Be((0, "nothing to repair\n", ""));
        Content().Should().Equal(before);
        (await ToolRunner.RunAsync("repair", Data + "x")).Error.Should().Be(
            $"promhost: {Data}x: there is no such directory\n");
    }

    [Fact]
    public async Task Repair_WritesABlockAnew_WithoutADamagedChunk()
    {
        var block = await MakeBlockAsync();
        var whole = await DumpAsync();
        Flip(Path.Combine(Data, block, "chunks", "000001"), 40);
        var before = Content();

        var (exitCode, output, _) = await ToolRunner.RunAsync("repair", "--dry-run", Data);
        exitCode.Should().Be(1);
        output.Should().StartWith($"{block}/chunks/000001: offset 8: ").And.EndWith("nothing was changed\n");
        Content().Should().Equal(before);

        (exitCode, output, _) = await ToolRunner.RunAsync("repair", Data);
        exitCode.Should().Be(0);
        output.Should().Contain("with 20 series, 59 chunks and 5880 samples, 0 series (or stretches of them) and " +
            $"1 chunks are lost; the original: promhost/quarantine/{block}\nrepaired\n");
        await AssertSoundAsync(block);
        // The first chunk of the first series.
        (await DumpAsync()).Should().Equal(whole[120..]);
        Meta().Should().Contain("from-out-of-order");
    }

    [Fact]
    public async Task Repair_LosesOneSeries_WhenItsEntryIsDamaged()
    {
        var block = await MakeBlockAsync();
        var whole = await DumpAsync();
        var index = Path.Combine(Data, block, "index");
        var bytes = await File.ReadAllBytesAsync(index, TestContext.Current.CancellationToken);
        var symbolsEnd = 9 + (int)Big(bytes, 5) + 4;
        Flip(index, ((symbolsEnd + 15) & -16) + 6);

        var (exitCode, output, _) = await ToolRunner.RunAsync("repair", Data);

        exitCode.Should().Be(0);
        output.Should().Contain("with 19 series").And.Contain("1 series (or stretches of them) and 0 chunks are lost");
        await AssertSoundAsync(block);
        (await DumpAsync()).Should().Equal(whole[SamplesPerSeries..]);
    }

    [Fact]
    public async Task Repair_LosesNothing_WhenPostingsAreDamaged()
    {
        var block = await MakeBlockAsync();
        var whole = await DumpAsync();
        // Before the table of contents is the table of postings.
        Flip(Path.Combine(Data, block, "index"), -60);

        var (exitCode, output, _) = await ToolRunner.RunAsync("repair", Data);

        exitCode.Should().Be(0);
        output.Should().Contain("with 20 series, 60 chunks and 6000 samples, nothing is lost");
        await AssertSoundAsync(block);
        (await DumpAsync()).Should().Equal(whole);
        Meta().Should().NotContain("from-out-of-order");
    }

    [Fact]
    public async Task Repair_PutsABlockAside_OfWhichNothingCanBeRead()
    {
        var block = await MakeBlockAsync();
        await File.WriteAllBytesAsync(
            Path.Combine(Data, block, "index"), [1, 2, 3], TestContext.Current.CancellationToken);

        var (exitCode, output, _) = await ToolRunner.RunAsync("repair", Data);

        exitCode.Should().Be(0);
        output.Should().Contain($"{block}: nothing of it can be read: {block}/index: offset 0: too short for an index");
        await AssertSoundAsync(block);
        (await DumpAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Repair_FinishesWhatAKilledOneBegan()
    {
        var block = await MakeBlockAsync();
        var whole = await DumpAsync();
        var old = block[..^1] + (block[^1] == '0' ? '1' : '0');
        Directory.CreateDirectory(Path.Combine(Data, "promhost", "repair", old));
        Directory.Move(Path.Combine(Data, block), Path.Combine(Data, "promhost", "repair", old, block));

        (await ToolRunner.RunAsync("repair", Data)).ExitCode.Should().Be(0);

        (await DumpAsync()).Should().Equal(whole);
        Directory.Exists(Path.Combine(Data, "promhost", "repair")).Should().BeFalse();
    }

    [Fact]
    public async Task Repair_TakesDamageOutOfTheLog()
    {
        await MakeLogAsync();
        // A segment behind it: the damage is not what a crash leaves at the end.
        await MakeLogAsync(1_700_000_900_000);
        var segment = Directory.EnumerateFiles(Path.Combine(Data, "wal")).Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        Flip(segment, Array.FindLastIndex(bytes, one => one != 0));
        var before = Content();

        var (exitCode, output, _) = await ToolRunner.RunAsync("repair", "--dry-run", Data);
        exitCode.Should().Be(1);
        output.Should().StartWith("wal/00000000: offset ").And.EndWith("nothing was changed\n");
        Content().Should().Equal(before);

        (exitCode, var repaired, _) = await ToolRunner.RunAsync("repair", Data);
        exitCode.Should().Be(0);
        repaired.Should().Be(output.Replace("nothing was changed", "repaired", StringComparison.Ordinal));
        (await DumpAsync()).Should().HaveCount(10);
        (await ToolRunner.RunAsync("repair", Data)).Output.Should().Be("nothing to repair\n");
    }

    [Fact]
    public async Task Repair_Refuses_WhileTheDirectoryIsOpen()
    {
        await using var database = Database.Open(
            new DatabaseOptions { DataPath = Data }, NullLogger.Instance, TimeProvider.System);
        var expected = $"promhost: the data directory {Data} is in use by another process\n";

        (await ToolRunner.RunAsync("repair", Data)).Should().Be((1, "", expected));
        (await ToolRunner.RunAsync("repair", "--dry-run", Data)).Should().Be((1, "", expected));
    }

    private static uint Big(byte[] bytes, int offset) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset));

    private static void Flip(string path, int offset)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[offset < 0 ? bytes.Length + offset : offset] ^= 0x55;
        File.WriteAllBytes(path, bytes);
    }

    private async Task AssertSoundAsync(string quarantined)
    {
        (await ToolRunner.RunAsync("verify", Data)).ExitCode.Should().Be(0);
        (await ToolRunner.RunAsync("repair", Data)).Output.Should().Be("nothing to repair\n");
        Directory.Exists(Path.Combine(Data, "promhost", "quarantine", quarantined)).Should().BeTrue();
        Directory.Exists(Path.Combine(Data, quarantined)).Should().BeFalse();
    }

    private async Task<List<string>> DumpAsync()
    {
        var (exitCode, output, error) = await ToolRunner.RunAsync("dump", Data);
        (exitCode, error).Should().Be((0, ""));
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private string Meta() => File.ReadAllText(
        Path.Combine(Directory.EnumerateDirectories(Data, "0*").Single(), "meta.json"));

    private List<string> Content() =>
    [
        .. Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => path + Convert.ToHexString(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))),
    ];

    private async Task<string> MakeBlockAsync()
    {
        var text = new StringBuilder();
        for (var series = 0; series < SeriesCount; series++)
        {
            for (var i = 0; i < SamplesPerSeries; i++)
            {
                text.Append(
                    CultureInfo.InvariantCulture, $"m{{s=\"{series:D2}\"}} {i * series} {1_700_006_400 + (i * 15)}\n");
            }
        }

        var input = Path.Combine(_folder, "input.om");
        await File.WriteAllTextAsync(
            input, text.Append("# EOF\n").ToString(), TestContext.Current.CancellationToken);
        (await ToolRunner.RunAsync("create-blocks-from", "openmetrics", "-q", input, Data)).ExitCode.Should().Be(0);
        return Path.GetFileName(Directory.EnumerateDirectories(Data, "0*").Single());
    }

    private async Task MakeLogAsync(long start = 1_700_000_000_000)
    {
        await using var database = Database.Open(
            new DatabaseOptions { DataPath = Data, IsAutoCompacted = false }, NullLogger.Instance,
            TimeProvider.System);
        await database.ReplayAsync();
        using var appender = database.CreateAppender();
        var series = appender.GetOrAddSeries(Labels.FromPairs(("__name__", "logged")), []);
        for (var i = 0; i < 10; i++) appender.Append(series, [new FloatSample(start + i, i)]);
        await appender.CommitAsync(TestContext.Current.CancellationToken);
    }
}
