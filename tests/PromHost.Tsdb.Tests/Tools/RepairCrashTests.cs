using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A repair of a damaged block and of damaged logs stopped at a change of the disk: it runs again, with or without a
/// start of the server in between, and all is there that one in peace finds; the damaged block is kept.
/// </summary>
public sealed class RepairCrashTests(DirectoryToDamage files) : IClassFixture<DirectoryToDamage>
{
    private const int SampledStops = 30;

    private readonly DirectoryToDamage _files = files;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_FindsAllThatIsSound_WhenItWasStoppedAtAnyChange(bool isPowerCut)
    {
        Dictionary<Labels, List<(long T, double V)>> expected;
        byte[] damaged;
        using (var disk = Damaged(out damaged))
        {
            Repair(disk).Should().HaveCountGreaterThan(2);
            expected = await ReadAsync(disk);
            expected.Values.Sum(samples => samples.Count).Should().BeLessThan(
                _files.Expected.Values.Sum(samples => samples.Count));
            Repair(disk).Should().BeEmpty();
        }

        var whole = await CrashStops.RunAsync(isPowerCut, SampledStops, async (seed, stopAt) =>
        {
            using var disk = Damaged(out _);
            var directory = new FaultyDataDirectory(disk) { KillAtChange = stopAt };
            try
            {
                Repair(directory);
            }
            catch (SimulatedCrashException)
            {
                directory.IsDead.Should().BeTrue();
            }

            if (isPowerCut) disk.CutPower(new Random(seed));
            else disk.Kill();
            if (seed % 2 == 0) await StartAsync(disk);
            Repair(disk);
            (await ReadAsync(disk)).ShouldHold(expected);
            Repair(disk).Should().BeEmpty();
            Files(disk, Quarantine.Path).Select(path => Read(disk, path))
                .Should().Contain(kept => kept.SequenceEqual(damaged));
            disk.List(BlockSalvage.Folder).Should().BeEmpty();
            disk.List(ChunksToRestore.Folder).Should().BeEmpty();
            return directory.Changes;
        });
        whole.Should().BeGreaterThan(30);
    }

    private static IReadOnlyList<RepairStep> Repair(IDataDirectory directory) =>
        DataRepair.Run(directory, null, TestContext.Current.CancellationToken);

    private static async Task<Dictionary<Labels, List<(long T, double V)>>> ReadAsync(IDataDirectory directory)
    {
        await using var database = await DirectoryToDamage.OpenAsync(directory);
        return database.ReadAll();
    }

    // The block may still be where it was: what is asked of it then has an error, and the server runs.
    private static async Task StartAsync(IDataDirectory directory)
    {
        await using var database = await DirectoryToDamage.OpenAsync(directory);
        try
        {
            database.ReadAll();
        }
        catch (StorageReadException error)
        {
            error.Message.Should().Contain(DamagedFiles.BlockChunks["block/".Length..]);
        }
    }

    private static IEnumerable<string> Files(IDataDirectory directory, string path) =>
        directory.List(path).SelectMany(name => directory.FileExists($"{path}/{name}")
            ? [$"{path}/{name}"]
            : Files(directory, $"{path}/{name}"));

    private static byte[] Read(SimulatedDataDirectory directory, string path)
    {
        using var file = directory.OpenRead(path);
        var bytes = new byte[file.Length];
        file.ReadFully(bytes, 0);
        return bytes;
    }

    // Gives the chunks of the block.
    private SimulatedDataDirectory Damaged(out byte[] chunks)
    {
        var disk = _files.Copy();
        foreach (var kind in (string[])[DamagedFiles.BlockChunks, "wal/middle", "wbl/first", "chunks_head/middle"])
            disk.Inject(DamagedFiles.Find(disk, kind), Fault.FlippedMiddle);
        Sync(disk, "");
        chunks = Read(disk, DamagedFiles.Find(disk, DamagedFiles.BlockChunks));
        return disk;
    }

    private static void Sync(IDataDirectory directory, string path)
    {
        directory.SyncDirectory(path);
        foreach (var name in directory.List(path))
        {
            var full = path.Length == 0 ? name : $"{path}/{name}";
            if (directory.FileExists(full))
            {
                using var file = directory.OpenWrite(full);
                file.Sync();
            }
            else
            {
                Sync(directory, full);
            }
        }
    }
}
