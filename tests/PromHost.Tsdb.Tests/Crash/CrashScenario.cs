using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A story of a database on a simulated disk, told up to a change of the disk at which the process is killed or the
/// power cut; then the database opens again and is held against what it acknowledged.
/// </summary>
/// <param name="seed">Of what a power cut takes; the story is always the same.</param>
/// <param name="isPowerCut">The power is cut; else the process is killed, and the disk keeps what was written.</param>
internal sealed class CrashScenario(int seed, bool isPowerCut) : IDisposable
{
    private const int SegmentBytes = WalFormat.PageBytes;
    private const int SamplesPerBatch = 40;
    private const int StepMs = 60_000;
    private const long FirstMs = 1_600_000_000_000;

    private readonly Random _random = new(seed);
    private readonly Random _samples = new(1);
    private readonly SimulatedDataDirectory _disk = new();
    private readonly SampleLedger _ledger = new();
    private int _series = 25;
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

        await using (var database = await OpenAsync(_disk))
        {
            _ledger.Check(database, moment);
            await AppendAsync(database);
        }

        LogCheck.Run(_disk, moment);
        await using var reopened = await OpenAsync(_disk);
        _ledger.Check(reopened, moment + ", after another restart");
        return changes;

        async Task CheckAsync(FaultyDataDirectory directory)
        {
            await using var database = await OpenAsync(directory);
            _ledger.Check(database, moment);
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

    private async Task LiveAsync(FaultyDataDirectory directory)
    {
        await using (var database = await OpenAsync(directory))
        {
            for (var round = 0; round < 8; round++) await AppendAsync(database);
            await TruncateAsync(database);
            for (var round = 0; round < 3; round++) await AppendAsync(database);
        }

        await using var restarted = await OpenAsync(directory);
        for (var round = 0; round < 5; round++) await AppendAsync(restarted);
        await TruncateAsync(restarted);
        await AppendAsync(restarted);
    }

    // Everything is kept: what is left out elsewhere is in blocks.
    private static async Task TruncateAsync(Database database) =>
        (await database.TruncateWalAsync(FirstMs / 2, CancellationToken.None)).Should().BeTrue();

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
            // What a power cut may take is what was not synced: only this policy acknowledges nothing of it.
            WalSync = isPowerCut ? WalSyncPolicy.Always : WalSyncPolicy.Never,
        });

    // New series with each batch; some samples are late.
    private async Task AppendAsync(Database database)
    {
        _series += 3;
        var samples = new List<(Labels, long, double)>();
        for (var i = 0; i < SamplesPerBatch; i++)
        {
            _nowMs += StepMs;
            for (var series = 0; series < _series; series++)
            {
                var late = _samples.Next(20) == 0 ? _samples.Next(1, 170) * StepMs : 0;
                var t = _nowMs - late - _samples.Next(1, 50);
                // The same whenever it is offered again.
                samples.Add((LabelsOf(series), t, Math.Sin(t + series)));
            }
        }

        await _ledger.AppendAsync(database, samples);
    }

    private static Labels LabelsOf(int series) => TestDatabase.Series(
        "m", ("series", series.ToString(CultureInfo.InvariantCulture)), ("pad", new string('x', 20 * series)));
}
