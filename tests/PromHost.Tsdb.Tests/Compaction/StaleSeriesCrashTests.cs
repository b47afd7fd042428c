using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Series that have gone stale are evicted to early blocks, some come again, one is deleted; stopped at a change of the
/// disk nothing is lost, and nothing that was deleted comes back.
/// </summary>
public sealed class StaleSeriesCrashTests
{
    private const int SampledStops = 30;
    private const int SeriesCount = 12;
    private const int StaleCount = 8;
    private const long Minute = 60_000;

    // Half an hour before a border between blocks.
    private const long Start = 1_700_006_400_000 + (90 * Minute);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eviction_LosesNothing_WhenItIsStoppedAtAnyChange(bool isPowerCut)
    {
        var evicted = new HashSet<int>();
        var whole = await CrashStops.RunAsync(
            isPowerCut, SampledStops, (seed, stopAt) => RunAsync(seed, stopAt, isPowerCut, evicted));
        whole.Should().BeGreaterThan(60);
        evicted.Should().Contain(0).And.HaveCountGreaterThan(1);
    }

    private static async Task<int> RunAsync(int seed, int stopAt, bool isPowerCut, HashSet<int> blocks)
    {
        using var disk = new SimulatedDataDirectory();
        var ledger = new SampleLedger();
        var directory = new FaultyDataDirectory(disk) { KillAtChange = stopAt };
        try
        {
            await TellAsync(directory, ledger, isPowerCut);
        }
        catch (Exception error) when (error is SimulatedCrashException or Storage.StorageUnavailableException)
        {
            directory.IsDead.Should().BeTrue(error.ToString());
        }

        if (isPowerCut) disk.CutPower(new Random(seed));
        else disk.Kill();
        await using (var database = await OpenAsync(disk, isPowerCut))
        {
            Check(database, "started again");
            blocks.Add(database.Blocks.Current.Blocks.Count);
            // Whatever was evicted comes again, and goes again.
            await AppendAsync(database, ledger, (200, 210), 1, SeriesCount, isStale: true);
            await database.Maintenance!.RunAsync();
            Check(database, "evicted again");
        }

        LogCheck.Run(disk, long.MinValue, "evicted again");
        await using (var database = await OpenAsync(disk, isPowerCut))
        {
            Check(database, "started twice");
            await AppendAsync(database, ledger, (500, 510), 1, SeriesCount, isStale: false);
            await database.Maintenance!.RunAsync();
            Check(database, "compacted");
        }

        return directory.Changes;

        void Check(Database database, string moment)
        {
            database.Blocks.UnreadableCount.Should().Be(0, moment);
            ledger.Check(database, moment);
        }
    }

    private static async Task TellAsync(IDataDirectory directory, SampleLedger ledger, bool isPowerCut)
    {
        await using (var database = await OpenAsync(directory, isPowerCut))
        {
            await AppendAsync(database, ledger, (0, 50), 0, SeriesCount, isStale: false);
            await AppendAsync(database, ledger, (50, 51), 0, StaleCount, isStale: true);
            database.Image!.WriteNow();
            await database.Maintenance!.RunAsync();
            database.Head.Table.LivingCount.Should().Be(SeriesCount - StaleCount);
            await AppendAsync(database, ledger, (60, 70), 2, 4, isStale: false);
            await ledger.DeleteAsync(database, LabelsOf(0), new LabelMatcher(Model.MatchType.Equal, "i", "0"));
        }

        await using var again = await OpenAsync(directory, isPowerCut);
        await AppendAsync(again, ledger, (70, 80), 2, 8, isStale: true);
        await again.Maintenance!.RunAsync();
        await AppendAsync(again, ledger, (90, 95), 5, SeriesCount, isStale: false);
    }

    private static Task<Database> OpenAsync(IDataDirectory directory, bool isPowerCut) => TestDatabase.OpenAsync(
        directory,
        options => options with
        {
            IsHeadImageWritten = true,
            StaleSeriesCompactionThreshold = 0.25,
            // What a power cut may take is what was not synced.
            WalSync = isPowerCut ? WalSyncPolicy.Always : WalSyncPolicy.Never,
        });

    // One sample a minute; the last one may be a stale marker.
    private static async Task AppendAsync(
        Database database,
        SampleLedger ledger,
        (int From, int To) minutes,
        int firstSeries,
        int endSeries,
        bool isStale)
    {
        var samples = new List<(Labels, long, double)>();
        for (var minute = minutes.From; minute < minutes.To; minute++)
        {
            for (var series = firstSeries; series < endSeries; series++)
            {
                var value = isStale && minute == minutes.To - 1 ? StaleMarker.Value : minute * series;
                samples.Add((LabelsOf(series), Start + (minute * Minute), value));
            }
        }

        await ledger.AppendAsync(database, samples);
    }

    private static Labels LabelsOf(int series) => TestDatabase.Series("m", ("i", $"{series}"));
}
