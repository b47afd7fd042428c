using System.Globalization;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>The log of out-of-order samples under kills, full disks and damage.</summary>
public sealed class WblFaultTests : IDisposable
{
    private const long Start = 1_600_000_000_000;
    private static readonly Labels[] Four = [.. Enumerable.Range(0, 4).Select(SeriesOf)];
    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task CommitAsync_LosesNothingAcknowledged_KilledAtEachChange()
    {
        var changes = await RunAsync(int.MaxValue);
        changes.Should().BeGreaterThan(80);
        for (var kill = 1; kill <= changes; kill++) await RunAsync(kill);
    }

    [Fact]
    public async Task CommitAsync_StoresAllOrNothing_WhenEitherLogFindsNoRoom()
    {
        var refused = 0;
        for (var free = 0; free < 400; free += 7)
        {
            using var root = new TemporaryDirectory();
            var disk = new FaultyDataDirectory(root.Open());
            await using (var database = await TestDatabase.OpenAsync(disk))
            {
                await database.AppendAsync((Four[0], Start, 0), (Four[1], Start, 0));
                (Labels, long, double)[] batch =
                    [(Four[0], Start + 1, 1), (Four[1], Start - 1, 2), (SeriesOf(9), Start - 5_000_000, 3)];
                disk.FreeBytes = free;
                try
                {
                    (await database.AppendAsync(batch)).Stored.Should().Be(3);
                }
                catch (StorageUnavailableException)
                {
                    refused++;
                    database.ReadAll().Values.Sum(samples => samples.Count).Should().Be(2);
                    disk.FreeBytes = long.MaxValue;
                    (await database.AppendAsync(batch)).Stored.Should().Be(3);
                }

                disk.FreeBytes = long.MaxValue;
            }

            await using var reopened = await TestDatabase.OpenAsync(root.Open());
            reopened.ReadAll().Values.Sum(samples => samples.Count).Should().Be(5, $"{free} bytes were free");
        }

        refused.Should().BeInRange(10, 57);
    }

    [Fact]
    public async Task CommitAsync_RefusesForGood_WhenTheLogFails()
    {
        var disk = new FaultyDataDirectory(_root.Open()) { FailWritesOf = "wbl/" };
        await using (var database = await TestDatabase.OpenAsync(disk))
        {
            await database.AppendAsync((Four[0], Start, 0));
            await database.Invoking(d => d.AppendAsync((Four[0], Start - 1, 1)))
                .Should().ThrowAsync<StorageUnavailableException>();
            database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>();
            database.ReadAll()[Four[0]].Should().Equal((Start, 0.0));
            database.Counters!.WblFailures.Should().Be(1);
        }

        await using var reopened = await TestDatabase.OpenAsync(_root.Open());
        (await reopened.AppendAsync((Four[0], Start - 1, 1))).Stored.Should().Be(1);
    }

    [Fact]
    public async Task ReplayAsync_TakesMarkersOut_WhoseChunksAreLost()
    {
        await using (var database = await TestDatabase.OpenAsync(_root.Open())) await FillAsync(database, 150);
        Markers().Should().BeEmpty("only Prometheus names its chunks");
        using (var wbl = WalWriter.Open(_root.Open(), "wbl"))
        using (var record = new ByteWriter(64))
        {
            WalRecordEncoder.Encode([new WalMmapMarker(1, (1UL << 32) | 8)], record);
            wbl.Append(record.WrittenSpan);
            wbl.Flush();
        }

        Markers().Should().ContainSingle();
        await using (var database = await TestDatabase.OpenAsync(_root.Open())) CheckFilled(database, 150);
        Markers().Should().BeEmpty();
        await using var again = await TestDatabase.OpenAsync(_root.Open());
        CheckFilled(again, 150);
    }

    [Fact]
    public async Task ReplayAsync_CutsDamageOut_AndKeepsItInQuarantine()
    {
        await using (var database = await TestDatabase.OpenAsync(_root.Open())) await FillAsync(database, 20);
        var segment = _root.PathOf("wbl/00000000");
        var bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[400] ^= 4;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);

        await using (var database = await TestDatabase.OpenAsync(_root.Open()))
        {
            database.ReadAll()[Four[0]].Should().HaveCountLessThan(21).And.HaveCountGreaterThan(3);
            (await database.AppendAsync((Four[0], Start - 3_000_000, 7))).Stored.Should().Be(1);
        }

        Directory.GetFiles(_root.PathOf("promhost/quarantine")).Should().ContainSingle()
            .Which.Should().Contain("wbl-00000000");
        await using var again = await TestDatabase.OpenAsync(_root.Open());
        again.ReadAll()[Four[0]][0].Should().Be((Start - 3_000_000, 7.0));
        Directory.GetFiles(_root.PathOf("promhost/quarantine")).Should().ContainSingle();
    }

    public void Dispose() => _root.Dispose();

    private static Labels SeriesOf(int number) => Series("m", ("i", number.ToString(CultureInfo.InvariantCulture)));

    private static async Task FillAsync(Database database, int count)
    {
        await database.AppendAsync([.. Four.Select(labels => (labels, Start, 0.0))]);
        for (var i = 1; i <= count; i++)
            await database.AppendAsync([.. Four.Select((labels, n) => (labels, Start - (i * 1000), (double)(n + i)))]);
    }

    private static void CheckFilled(Database database, int count)
    {
        var stored = database.ReadAll();
        for (var n = 0; n < Four.Length; n++)
        {
            stored[Four[n]].Should().Equal(
                Enumerable.Range(0, count + 1).Reverse().Select(i => (Start - (i * 1000), i == 0 ? 0.0 : n + i)));
        }
    }

    private List<WalMmapMarker> Markers()
    {
        var directory = new DataDirectory(_root.Path);
        var markers = new List<WalMmapMarker>();
        using var reader = new WalReader(directory, WalSegments.List(directory, "wbl"));
        while (reader.TryRead(out var record))
        {
            if (WalRecordDecoder.TypeOf(record) == WalRecordType.MmapMarkers)
                WalRecordDecoder.TryDecodeMmapMarkers(record, markers).Should().BeTrue();
        }

        return markers;
    }

    // Runs a story with cuts of chunks, killed at the n-th change of the disk; returns the changes seen.
    private static async Task<int> RunAsync(int kill)
    {
        using var root = new TemporaryDirectory();
        var disk = new FaultyDataDirectory(root.Open()) { KillAtChange = kill };
        var offered = new HashSet<(Labels, long)>();
        var acknowledged = new HashSet<(Labels, long)>();
        Database? database = null;
        try
        {
            for (var life = 0; life < 2; life++)
            {
                database = await TestDatabase.OpenAsync(disk);
                for (var round = 0; round < 24; round++)
                    await RoundAsync(database, (life * 24) + round, offered, acknowledged);
                await database.DisposeAsync();
            }
        }
        catch (Exception error) when (error is SimulatedCrashException or StorageUnavailableException)
        {
            if (database is not null) await DisposeDeadAsync(database);
        }

        for (var start = 0; start < 2; start++)
        {
            await using var reopened = await TestDatabase.OpenAsync(root.Open());
            var stored = reopened.ReadAll().SelectMany(s => s.Value.Select(v => (s.Key, v.T))).ToList();
            stored.Should().OnlyHaveUniqueItems().And.BeSubsetOf(offered, $"kill at {kill}");
            acknowledged.Should().BeSubsetOf(stored, $"kill at {kill}");
            await RoundAsync(reopened, 100 + start, offered, acknowledged);
        }

        return disk.Changes;
    }

    // Two samples of each old series and one of a new one come out of order, one of each old series in order.
    private static async Task RoundAsync(
        Database database, int round, HashSet<(Labels, long)> offered, HashSet<(Labels, long)> acknowledged)
    {
        var batch = new List<(Labels Labels, long T, double V)>();
        foreach (var labels in Four)
        {
            batch.Add((labels, Start + (round * 10), round));
            batch.Add((labels, Start - 2_000_000 + (round * 10), round));
            batch.Add((labels, Start - 1_000_000 - (round * 10), round));
        }

        batch.Add((SeriesOf(100 + round), Start - 5_000_000, round));
        offered.UnionWith(batch.Select(sample => (sample.Labels, sample.T)));
        (await database.AppendAsync([.. batch])).Rejected.Should().BeEmpty();
        acknowledged.UnionWith(batch.Select(sample => (sample.Labels, sample.T)));
    }

    private static async Task DisposeDeadAsync(Database database)
    {
        try
        {
            await database.DisposeAsync();
        }
        catch (SimulatedCrashException)
        {
            // The dead disk refuses the last sync too.
        }
    }
}
