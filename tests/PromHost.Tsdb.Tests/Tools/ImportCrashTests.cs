using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// An import stopped at a change of the disk: a server starts, has what it had, and of the import whole blocks or
/// none; the import runs again, and all of it is there.
/// </summary>
public sealed class ImportCrashTests
{
    private const int SampledStops = 40;
    private const int SeriesCount = 3;
    private const long Minute = 60_000;
    private const long RangeMs = 120 * Minute;
    private const long Start = 1_700_006_400_000;
    private const int HeadMinutes = 60;

    // Three blocks; the head's samples are in the time of the first one.
    private const int ImportedMinutes = 340;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Import_PutsThereWholeBlocksOrNone_WhenItIsStoppedAtAnyChange(bool isPowerCut)
    {
        var seen = new HashSet<int>();
        var whole = await CrashStops.RunAsync(
            isPowerCut, SampledStops, (seed, stopAt) => RunAsync(seed, stopAt, isPowerCut, seen));
        whole.Should().BeGreaterThan(30);
        seen.Should().Contain([0, 3]);
    }

    private static async Task<int> RunAsync(int seed, int stopAt, bool isPowerCut, HashSet<int> seen)
    {
        using var disk = new SimulatedDataDirectory();
        await using (var database = await OpenAsync(disk)) await AppendAsync(database, 0);
        var directory = new FaultyDataDirectory(disk) { KillAtChange = stopAt };
        var isPublished = false;
        try
        {
            Import(directory);
            isPublished = true;
        }
        catch (SimulatedCrashException)
        {
            directory.IsDead.Should().BeTrue();
        }

        if (isPowerCut) disk.CutPower(new Random(seed));
        else disk.Kill();
        await using (var database = await OpenAsync(disk))
        {
            var blocks = Check(database);
            seen.Add(blocks);
            if (isPublished) blocks.Should().Be(3);
            disk.List("promhost").Should().NotContain(name => name.StartsWith("import-", StringComparison.Ordinal));
            await AppendAsync(database, HeadMinutes);
        }

        Import(disk);
        await using (var database = await OpenAsync(disk))
        {
            Check(database).Should().Be(3);
            database.ReadAll().Values.Sum(samples => samples.Count).Should().Be(
                SeriesCount * ((2 * HeadMinutes) + ImportedMinutes));
        }

        return directory.Changes;
    }

    private static Task<Database> OpenAsync(IDataDirectory directory) => TestDatabase.OpenAsync(
        directory, options => options with { WalSync = WalSyncPolicy.Always });

    private static Labels LabelsOf(string name, int series) => TestDatabase.Series(name, ("i", $"{series}"));

    private static async Task AppendAsync(Database database, int from)
    {
        var samples = new List<(Labels, long, double)>();
        for (var i = 0; i < HeadMinutes * SeriesCount; i++)
        {
            var minute = from + (i / SeriesCount);
            samples.Add((LabelsOf("held", i % SeriesCount), Start + (minute * Minute), minute));
        }

        (await database.AppendAsync([.. samples])).Rejected.Should().BeEmpty();
    }

    private static void Import(IDataDirectory directory)
    {
        // Nobody else is there to be kept out.
        using var import = new BlockImport(directory, path => directory.Create(path), RangeMs);
        for (var minute = 0; minute < ImportedMinutes; minute++)
        {
            for (var series = 0; series < SeriesCount; series++)
                import.Append(LabelsOf("imported", series), [], Start + (minute * Minute), minute);
        }

        import.WriteBlocks(TestContext.Current.CancellationToken);
        import.Publish();
    }

    // The import's blocks that are there.
    private static int Check(Database database)
    {
        database.Blocks.UnreadableCount.Should().Be(0);
        var stored = database.ReadAll();
        var found = new HashSet<long>();
        for (var series = 0; series < SeriesCount; series++)
        {
            stored[LabelsOf("held", series)].Take(HeadMinutes).Should().Equal(
                Enumerable.Range(0, HeadMinutes).Select(minute => (Start + (minute * Minute), (double)minute)));
            var imported = stored.GetValueOrDefault(LabelsOf("imported", series), []);
            imported.Where(sample => sample.V != (sample.T - Start) / Minute).Should().BeEmpty();
            foreach (var block in imported.GroupBy(sample => (sample.T - Start) / RangeMs))
            {
                block.Should().HaveCount(block.Key < 2 ? 120 : ImportedMinutes - 240);
                found.Add(block.Key);
            }
        }

        return found.Count;
    }
}
