using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class LeftoversTests : IDisposable
{
    private const string Abandoned = "promhost/import-01M7ZAY1XTFZNG27HTHZ0G60ZT";
    private static readonly Labels Series = TestDatabase.Series("m");

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_RemovesWhatKilledProcessesLeft_AndNothingElse()
    {
        string[] doomed =
        [
            $"{Abandoned}/01M7ZAY1XTFZNG27HTHZ0G60ZV/index", $"{Abandoned}.lock", "promhost/rewrite-wal-00000003",
            "snapshots/20261121T000000Z-0123456789abcdef.tmp-for-creation/index",
        ];
        string[] kept =
        [
            "promhost/import-notes/a", "promhost/imported", "promhost/quarantine/rewrite-x",
            "snapshots/20261121T000000Z-0123456789abcdef/index", "import-01M7ZAY1XTFZNG27HTHZ0G60ZT/a",
        ];
        foreach (var path in doomed.Concat(kept)) Put(path);

        await using var database = await TestDatabase.OpenAsync(_folder.Open());

        foreach (var path in doomed) File.Exists(_folder.PathOf(path)).Should().BeFalse(path);
        Directory.Exists(_folder.PathOf(Abandoned)).Should().BeFalse();
        foreach (var path in kept) File.Exists(_folder.PathOf(path)).Should().BeTrue(path);
        database.Damages.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_LeavesAll_WhenNoLockIsTaken()
    {
        Put($"{Abandoned}/a");
        await using var database = await TestDatabase.OpenAsync(
            _folder.Open(), options => options with { NoLockFile = true });
        File.Exists(_folder.PathOf($"{Abandoned}/a")).Should().BeTrue();
    }

    [Fact]
    public async Task Start_LeavesAnImportThatRuns()
    {
        using (var import = new BlockImport(_folder.Path, BlockImport.RangeFor(0)))
        {
            import.Append(Series, [], 1000, 1);
            import.WriteBlocks(TestContext.Current.CancellationToken);
            await using (await TestDatabase.OpenAsync(_folder.Open()))
                Directory.GetFileSystemEntries(_folder.PathOf("promhost"), "import-*").Should().HaveCount(2);
            import.Publish().Should().ContainSingle();
        }

        Directory.GetFileSystemEntries(_folder.PathOf("promhost"), "import-*").Should().BeEmpty();
        await using var database = await TestDatabase.OpenAsync(_folder.Open());
        database.ReadAll()[Series].Should().Equal((1000, 1));
    }

    [Fact]
    public async Task Start_LeavesAnImport_OfWhichNobodyCanSayWhetherItRuns()
    {
        Directory.CreateDirectory(_folder.PathOf($"{Abandoned}.lock"));
        Put($"{Abandoned}/a");
        Put("promhost/rewrite-wal-00000003");

        await using var database = await TestDatabase.OpenAsync(_folder.Open());

        File.Exists(_folder.PathOf($"{Abandoned}/a")).Should().BeTrue();
        File.Exists(_folder.PathOf("promhost/rewrite-wal-00000003")).Should().BeFalse();
    }

    [Fact]
    public async Task Start_EndsARepairThatWasKilled()
    {
        using (var import = new BlockImport(_folder.Path, BlockImport.RangeFor(0)))
        {
            import.Append(Series, [], 1000, 1);
            import.WriteBlocks(TestContext.Current.CancellationToken);
            import.Publish();
        }

        // The old block is in quarantine, the new one not in its place.
        var block = Path.GetFileName(Directory.GetDirectories(_folder.Path, "0*").Single());
        Directory.CreateDirectory(_folder.PathOf("promhost/repair/01M7ZAY1XTFZNG27HTHZ0G60ZT"));
        Directory.Move(
            _folder.PathOf(block), _folder.PathOf($"promhost/repair/01M7ZAY1XTFZNG27HTHZ0G60ZT/{block}"));

        await using var database = await TestDatabase.OpenAsync(_folder.Open());

        database.ReadAll()[Series].Should().Equal((1000, 1));
        Directory.Exists(_folder.PathOf("promhost/repair")).Should().BeFalse();
    }

    private void Put(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.PathOf(path))!);
        File.WriteAllText(_folder.PathOf(path), "");
    }
}
