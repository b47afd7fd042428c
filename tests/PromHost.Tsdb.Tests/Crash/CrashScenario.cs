using System.Globalization;
using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A story of a database on a simulated disk (samples in and out of order, new series, compactions, deletions,
/// retention, head images), told up to a change of the disk at which the process is killed or the power cut; then the
/// database opens again and is held against what it acknowledged.
/// </summary>
/// <param name="seed">Of what a power cut takes; the story is always the same.</param>
/// <param name="isPowerCut">The power is cut; else the process is killed, and the disk keeps what was written.</param>
internal sealed class CrashScenario(int seed, bool isPowerCut) : IDisposable
{
    private const int SegmentBytes = WalFormat.PageBytes;
    private const int LiveSeries = 16;
    private const int NewSeriesPerBatch = 3;
    private const int StepsPerBatch = 8;
    private const int StepMs = 300_000;
    private const long FirstMs = 1_600_000_000_000;
    private static readonly TimeSpan RetentionTime = TimeSpan.FromHours(6);

    private readonly Random _random = new(seed);
    private readonly Random _samples = new(1);
    private readonly SimulatedDataDirectory _disk = new();

    // The end of the newest block counts, which may lie a block range beyond its newest sample.
    private readonly SampleLedger _ledger = new((long)(RetentionTime - TimeSpan.FromHours(2)).TotalMilliseconds);
    private int _firstSeries;
    private long _nowMs = FirstMs;

    /// <summary>Tells it.</summary>
    /// <param name="stopAt">The change, from 1.</param>
    /// <returns>The changes seen; fewer than <paramref name="stopAt"/> when the story ended before it.</returns>
    public async Task<int> RunAsync(int stopAt)
    {
        var changes = await TellAsync(new FaultyDataDirectory(_disk) { KillAtChange = stopAt }, LiveAsync);
        var moment = $"seed {seed}, stopped at change {stopAt}";
        if (changes >= stopAt)
        {
            Crash();
            // One in three dies again while it recovers.
            if (_random.Next(3) == 0)
            {
                var again = _random.Next(1, 60);
                await TellAsync(new FaultyDataDirectory(_disk) { KillAtChange = again }, CheckAsync);
                moment += $", again at change {again} of the recovery";
                Crash();
            }
        }

        long blocksEndMs;
        await using (var database = await OpenAsync(_disk))
        {
            Check(database, moment);
            await AppendAsync(database);
            await database.Maintenance!.RunAsync();
            Check(database, moment + ", compacted");
            blocksEndMs = database.Blocks.Current.HeadMinTimeMs;
        }

        LogCheck.Run(_disk, blocksEndMs, moment);
        await using var reopened = await OpenAsync(_disk);
        Check(reopened, moment + ", after another restart");
        return changes;

        async Task CheckAsync(FaultyDataDirectory directory)
        {
            await using var database = await OpenAsync(directory);
            Check(database, moment);
            await AppendAsync(database);
        }
    }

    public void Dispose() => _disk.Dispose();

    private static async Task<int> TellAsync(FaultyDataDirectory directory, Func<FaultyDataDirectory, Task> story)
    {
        try
        {
            await story(directory);
        }
        catch (Exception error) when (error is SimulatedCrashException or StorageUnavailableException)
        {
            directory.IsDead.Should().BeTrue(error.ToString());
        }

        return directory.Changes;
    }

    // Eleven hours.
    private async Task LiveAsync(FaultyDataDirectory directory)
    {
        await using (var database = await OpenAsync(directory))
        {
            for (var batch = 0; batch < 6; batch++) await AppendAsync(database);
            // One that is in the head alone, late samples included; then one that is in blocks too.
            await DeleteAsync(database, 0);
            database.Image!.WriteNow();
            await CompactAsync(database);
            await AppendAsync(database);
            await DeleteAsync(database, 1);
            await CleanTombstonesAsync(database);
            for (var batch = 0; batch < 3; batch++) await AppendAsync(database);
        }

        await using var restarted = await OpenAsync(directory);
        await AppendAsync(restarted);
        await CompactAsync(restarted);
        await DeleteAsync(restarted, 2);
        for (var batch = 0; batch < 3; batch++) await AppendAsync(restarted);
        restarted.Image!.WriteNow();
        // Early blocks.
        await restarted.CompactAsync();
        for (var batch = 0; batch < 3; batch++) await AppendAsync(restarted);
        await CompactWhileTheHeadFillsAsync(restarted, directory);
        restarted.Blocks.Current.Blocks[0].Meta.MinTimeMs.Should().BeGreaterThan(FirstMs, "old blocks are deleted");
        await AppendAsync(restarted);
    }

    // Blocks of the head and of what came late, the head and the log cut, blocks merged.
    private static async Task CompactAsync(Database database)
    {
        await database.Maintenance!.RunAsync();
        database.Blocks.Current.Blocks.Should().NotBeEmpty();
    }

    // The same, and when a merge begins so much comes that it pauses for the head.
    private async Task CompactWhileTheHeadFillsAsync(Database database, FaultyDataDirectory directory)
    {
        var begun = 0;
        var isPaused = false;
        directory.BeforeCreate = path =>
        {
            if (!path.EndsWith("/index", StringComparison.Ordinal)) return;
            isPaused |= directory.List("")
                .Count(name => name.EndsWith(BlockSet.CreationSuffix, StringComparison.Ordinal)) > 1;
            // Behind a block of the head and two of what came late.
            if (++begun != 4) return;
            for (var batch = 0; batch < 3; batch++) AppendAsync(database).GetAwaiter().GetResult();
        };
        await CompactAsync(database);
        directory.BeforeCreate = null;
        isPaused.Should().BeTrue("a block of the head is begun while another one is written");
    }

    private static Task CleanTombstonesAsync(Database database) =>
        database.CleanTombstonesAsync(TestContext.Current.CancellationToken);

    // Of a series that gets no samples any more.
    private Task DeleteAsync(Database database, int series)
    {
        series.Should().BeLessThan(_firstSeries);
        var matcher = new LabelMatcher(MatchType.Equal, "series", series.ToString(CultureInfo.InvariantCulture));
        return _ledger.DeleteAsync(database, LabelsOf(series), matcher);
    }

    private void Check(Database database, string moment)
    {
        database.Blocks.UnreadableCount.Should().Be(0, moment);
        _ledger.Check(database, moment);
    }

    private void Crash()
    {
        if (isPowerCut) _disk.CutPower(_random);
        else _disk.Kill();
    }

    private Task<Database> OpenAsync(IDataDirectory directory) => TestDatabase.OpenAsync(
        directory,
        options => options with
        {
            WalSegmentBytes = SegmentBytes,
            RetentionTime = RetentionTime,
            IsHeadImageWritten = true,
            // What a power cut may take is what was not synced: only this policy acknowledges nothing of it.
            WalSync = isPowerCut ? WalSyncPolicy.Always : WalSyncPolicy.Never,
        });

    // Each batch some series end and others begin; some samples are late.
    private async Task AppendAsync(Database database)
    {
        _firstSeries += NewSeriesPerBatch;
        var samples = new List<(Labels, long, double)>();
        for (var i = 0; i < StepsPerBatch; i++)
        {
            _nowMs += StepMs;
            for (var series = _firstSeries; series < _firstSeries + LiveSeries; series++)
            {
                var late = _samples.Next(20) == 0 ? _samples.Next(1, 34) * StepMs : 0;
                var t = _nowMs - late - _samples.Next(1, 50);
                // The same whenever it is offered again.
                samples.Add((LabelsOf(series), t, Math.Sin(t + series)));
            }
        }

        await _ledger.AppendAsync(database, samples);
    }

    // Long records of series, so that the log has many pages.
    private static Labels LabelsOf(int series) => TestDatabase.Series(
        "m",
        ("series", series.ToString(CultureInfo.InvariantCulture)),
        ("pad", new string('x', 100 * (series % LiveSeries))));
}
