using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Tsdb;
using PromHost.Tsdb.Tests;

namespace PromHost.Interop.Tests;

/// <summary>A real disk is full in the middle of a checkpoint.</summary>
public class FullDiskCheckpointTests
{
    private const string Wal = "wal";
    private const string Ballast = "ballast";
    private const int SeriesCount = 200;
    private const int Rounds = 600;
    private const long StartMs = 450_000L * 3_600_000;
    private const long StepMs = 15_000;

    [Fact]
    public async Task Checkpoint_LeavesTheLogAsItWas_AndALaterOneSucceeds()
    {
        await using var disk = await MountedFolder.CreateDiskAsync(64L << 20);
        var data = Path.Combine(disk.Path, "data");
        await using (var database = await OpenAsync(data))
        {
            for (var round = 0; round < Rounds; round++) await AppendAsync(database, round);
        }

        var directory = new DataDirectory(data);
        var before = Content(data);
        var last = WalSegments.List(directory, Wal)[^2].Number;
        var checkpoint = new WalCheckpoint(directory, Wal, WalCompression.Snappy);
        var kept = new WalKept(_ => true, StartMs);
        foreach (var leftBytes in (long[])[0, 8 * 1024, 200 * 1024, 700 * 1024])
        {
            disk.Fill(Ballast, leftBytes);
            var write = () => checkpoint.Write(last, kept, TestContext.Current.CancellationToken);
            write.Should().Throw<DiskFullException>($"{leftBytes} bytes are left");
            Content(data).Should().BeEquivalentTo(before);
            File.Delete(Path.Combine(disk.Path, Ballast));
        }

        checkpoint.Write(last, kept, TestContext.Current.CancellationToken);
        WalSegments.DeleteReplaced(directory, Wal);
        DataVerification.Run(data, null, TestContext.Current.CancellationToken).Problems.Should().BeEmpty();
        await using var reopened = await OpenAsync(data);
        reopened.Damages.Entries.Should().BeEmpty();
        reopened.ReadAll().Values.Sum(samples => samples.Count).Should().Be(SeriesCount * Rounds);
    }

    private static async Task<Database> OpenAsync(string data)
    {
        var options = new DatabaseOptions
        {
            DataPath = data,
            WalSync = WalSyncPolicy.Never,
            IsAutoCompacted = false,
            MinFreeBytes = 0,
            WalSegmentBytes = 8 * WalFormat.PageBytes,
        };
        var database = Database.Open(options, NullLogger.Instance, TimeProvider.System);
        await database.ReplayAsync();
        return database;
    }

    private static async Task AppendAsync(Database database, int round)
    {
        using var appender = database.CreateAppender();
        for (var i = 0; i < SeriesCount; i++)
        {
            var series = appender.GetOrAddSeries(
                Labels.FromPairs([(Labels.MetricName, "checkpoint_test"), ("series", $"{i}")]), []);
            appender.Append(series, [new FloatSample(StartMs + (round * StepMs), Math.Sin((round * 200) + i))]);
        }

        (await appender.CommitAsync(TestContext.Current.CancellationToken)).Rejected.Should().BeEmpty();
    }

    // The log's files, and what is in them.
    private static Dictionary<string, string> Content(string data) =>
        Directory.EnumerateFileSystemEntries(Path.Combine(data, Wal), "*", SearchOption.AllDirectories).ToDictionary(
            path => Path.GetRelativePath(data, path),
            path => Directory.Exists(path) ? "" : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))),
            StringComparer.Ordinal);
}
