using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class DataVerificationTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Run_FindsNothing_InADirectoryOfOurs()
    {
        await FillAsync();
        GoldenBlock.CopyTo(_temporary.Path);

        var reports = new List<ToolProgress>();
        var report = DataVerification.Run(_temporary.Path, reports.Add, TestContext.Current.CancellationToken);

        report.Problems.Should().BeEmpty();
        report.BlockCount.Should().Be(1);
        report.SizeBytes.Should().BeGreaterThan(100_000);
        reports.Should().OnlyContain(one => one.Total == report.SizeBytes && one.Done <= one.Total);
        reports[^1].Done.Should().Be(report.SizeBytes);
    }

    [Theory]
    [InlineData("wal/00000000")]
    [InlineData("wbl/00000000")]
    [InlineData("chunks_head/000001")]
    public async Task Run_FindsFlippedBits_AndNamesTheFile(string file)
    {
        await FillAsync();
        var path = _temporary.PathOf(file);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        // Pages are padded with zeros, which are checked too.
        for (var i = 0; i < 60; i++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[(int)((long)i * whole.Length / 60)] ^= (byte)(1 << (i % 8));
            await File.WriteAllBytesAsync(path, flipped, TestContext.Current.CancellationToken);

            Verify().Should().Contain(problem => problem.Path == file, "byte {0} of 60 is flipped", i);
        }
    }

    [Fact]
    public async Task Run_Says_WhenASeriesWasNeverIntroduced()
    {
        await FillAsync();
        File.Move(_temporary.PathOf("wal/00000000"), _temporary.PathOf("removed"));

        Verify().Should().Contain(problem =>
            problem.Path == "wbl/00000000" && problem.Message.Contains("series that no record introduces"));
    }

    [Fact]
    public async Task Run_FindsNothing_WhenTheLogStillHasSamplesOfSeriesThatAreInBlocks()
    {
        const long Minute = 60_000;
        const long Start = 486_000 * 60 * Minute;
        await using (var database = await TestDatabase.OpenAsync(
            _temporary.Open(), options => options with { WalSegmentBytes = WalFormat.PageBytes }))
        {
            // Each lives three hours: it is logged in one segment, and has samples in later ones.
            for (var minute = 0; minute < 720; minute++)
            {
                var series = Enumerable.Range(minute, 180);
                await database.AppendAsync([.. series.Select(i => (Of(i), Start + (minute * Minute), 1.5))]);
            }

            await database.Maintenance!.RunAsync();
        }

        WalSegments.LastCheckpoint(_temporary.Open(), "wal").Should().BePositive();
        Verify().Should().BeEmpty();
    }

    [Fact]
    public async Task Run_ChangesNothing()
    {
        await FillAsync();
        var path = _temporary.PathOf("chunks_head/000001");
        await File.AppendAllTextAsync(path, "torn", TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(_temporary.PathOf("wal/00000000"), "torn", TestContext.Current.CancellationToken);
        var before = Snapshot();

        Verify().Should().HaveCountGreaterThan(1);

        Snapshot().Should().Equal(before);
    }

    [Fact]
    public void Run_Says_WhenThereIsNoDirectory()
    {
        var act = () => DataVerification.Run(
            _temporary.PathOf("none"), null, TestContext.Current.CancellationToken);

        act.Should().Throw<DirectoryNotFoundException>().WithMessage("*none: there is no such directory");
    }

    // Full chunks, an open one and late samples in every series.
    private async Task FillAsync()
    {
        await using var database = await TestDatabase.OpenAsync(_temporary.Open());
        for (var t = 0; t < 400; t++)
        {
            await database.AppendAsync(
                [.. Enumerable.Range(0, 30).Select(i => (Of(i), t * 15_000L, (double)(i * t % 17)))]);
        }

        for (var t = 100; t < 200; t++)
            await database.AppendAsync([.. Enumerable.Range(0, 30).Select(i => (Of(i), (t * 15_000L) + 7, 1.5))]);
    }

    private static Labels Of(int i) => TestDatabase.Series("m", ("i", $"{i}"));

    private IReadOnlyList<Problem> Verify() =>
        DataVerification.Run(_temporary.Path, null, TestContext.Current.CancellationToken).Problems;

    private List<string> Snapshot() =>
    [
        .. Directory.EnumerateFiles(_temporary.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => file + " " + Convert.ToHexString(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))),
    ];
}
