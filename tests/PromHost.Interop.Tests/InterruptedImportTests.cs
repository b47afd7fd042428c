using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// <c>promhost tsdb create-blocks-from openmetrics</c> is stopped in the middle of its work: what it leaves when it is
/// killed goes with the next start of the server, and what it still needs stays.
/// </summary>
public sealed partial class InterruptedImportTests : IDisposable
{
    private const string Metric = "imported";
    private const int SeriesCount = 20;
    private const int Blocks = 150;
    private const int SamplesPerBlock = 4;
    private const long BlockMs = 2 * 3_600_000;
    private const long Start = 225_000 * BlockMs;

    private readonly string _folder = Directory.CreateTempSubdirectory("promhost-import-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Input => Path.Combine(_folder, "input.om");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Server_RemovesWhatAKilledImportLeft_AndTheNextImportSucceeds()
    {
        await WriteInputAsync();
        await using (var import = await BeginAsync()) await import.KillAsync();
        Leftovers().Should().NotBeEmpty();

        var (server, address) = await StartAsync();
        await using (server)
        {
            await server.WaitForAsync(Removed());
            Leftovers().Should().BeEmpty();
            (await ReadAsync(address)).Should().BeEmpty();
            await server.StopAsync();
        }

        await using (var second = Import()) (await second.WaitForExitAsync()).Should().Be(0, second.Output);
        await ShouldBeThereAsync();
    }

    [Fact]
    public async Task Import_SucceedsOverWhatAKilledOneLeft_WithoutAStart()
    {
        await WriteInputAsync();
        await using (var import = await BeginAsync()) await import.KillAsync();

        await using (var second = Import()) (await second.WaitForExitAsync()).Should().Be(0, second.Output);

        Leftovers().Should().NotBeEmpty();
        await ShouldBeThereAsync();
        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public async Task Server_LeavesAnImportAlone_ThatIsStillRunning()
    {
        await WriteInputAsync();
        await using var import = await BeginAsync();
        var before = Leftovers();

        var (server, _) = await StartAsync();
        await using (server)
        {
            Leftovers().Should().Contain(before);
            await import.ResumeAsync();
            (await import.WaitForExitAsync()).Should().Be(0, import.Output);
            Removed().IsMatch(server.Output).Should().BeFalse();
            await server.StopAsync();
        }

        Leftovers().Should().BeEmpty();
        await ShouldBeThereAsync();
    }

    private static IEnumerable<(string Series, long TimeMs)> Samples() =>
        from block in Enumerable.Range(0, Blocks)
        from sample in Enumerable.Range(0, SamplesPerBlock)
        from series in Enumerable.Range(0, SeriesCount)
        select (series.ToString(CultureInfo.InvariantCulture),
            Start + (block * BlockMs) + (sample * BlockMs / SamplesPerBlock));

    private static double ValueOf((string Series, long TimeMs) at) => SampleSender.ValueOf(at.Series, at.TimeMs);

    private static Task<Dictionary<(string Series, long TimeMs), double>> ReadAsync(Uri address) =>
        StoredSeries.ReadAsync(address, Metric, (Start + (Blocks * BlockMs)) / 1000);

    // An import that has written something, and stands still.
    private async Task<RunningProgram> BeginAsync()
    {
        var import = Import();
        await Polling.UntilAsync("the import has written a file", () => Task.FromResult(Leftovers().Any(File.Exists)));
        await import.SuspendAsync();
        Leftovers().Should().Contain(path => File.Exists(path), "it has enough to do to be stopped before its end");
        Directory.EnumerateDirectories(Data, "0*").Should().BeEmpty();
        return import;
    }

    private RunningProgram Import() =>
        PromHostProgram.Start("tsdb", "create-blocks-from", "openmetrics", Input, Data);

    private Task<(RunningProgram Program, Uri Address)> StartAsync() =>
        RunningProgram.StartPromHostAsync(Data, 0, "--storage.tsdb.retention.time=100y");

    private List<string> Leftovers()
    {
        var ours = Path.Combine(Data, "promhost");
        if (!Directory.Exists(ours)) return [];
        return
        [
            .. Directory.EnumerateDirectories(ours, "import-*")
                .SelectMany(path => Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal),
        ];
    }

    private async Task WriteInputAsync()
    {
        var text = new StringBuilder();
        foreach (var at in Samples())
        {
            text.Append(CultureInfo.InvariantCulture, $"{Metric}{{series=\"{at.Series}\"}} ")
                .Append(CultureInfo.InvariantCulture, $"{ValueOf(at):R} {at.TimeMs / 1000}\n");
        }

        text.Append("# EOF\n");
        await File.WriteAllTextAsync(Input, text.ToString(), TestContext.Current.CancellationToken);
    }

    private async Task ShouldBeThereAsync()
    {
        var (server, address) = await StartAsync();
        await using (server)
        {
            (await ReadAsync(address)).Should().BeEquivalentTo(Samples().ToDictionary(at => at, ValueOf));
        }
    }

    [GeneratedRegex("promhost/import-", RegexOptions.None, 1000)]
    private static partial Regex Removed();
}
