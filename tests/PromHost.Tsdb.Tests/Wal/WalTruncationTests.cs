using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class WalTruncationTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Run_KeepsWhatIsNeeded_AndNothingElse()
    {
        var directory = _temporary.Open();
        WriteSegments(
            directory,
            [
                WalTestRecords.Series((1, Named("alive")), (2, Named("gone")), (3, Named("came again"))),
                WalTestRecords.Metadata((1, "old"), (2, "gone")),
                WalTestRecords.Samples((1, 10, 1), (2, 11, 2), (3, 12, 3)),
                [99, 1, 2, 3],
            ],
            [
                WalTestRecords.Samples((1, 100, 4), (3, 101, 5), (1, 90, 6)),
                WalTestRecords.Tombstones((1, 0, 50), (1, 0, 100), (2, 0, 200)),
                WalTestRecords.Metadata((1, "new")),
            ],
            [WalTestRecords.Samples((2, 99, 7))],
            [WalTestRecords.Samples((1, 1, 8))],
            [WalTestRecords.Samples((1, 2, 9))]);

        Run(directory, 5, seriesRef => seriesRef == 1, 100).Should().BeTrue();

        directory.List("wal").Should().BeEquivalentTo("checkpoint.00000002", "00000003", "00000004", "00000005");
        directory.List("wal/checkpoint.00000002").Should().Equal("00000000");
        ReadRecords(directory).Should().BeEquivalentTo(
            (byte[][])
            [
                WalTestRecords.Series((1, Named("alive")), (3, Named("came again"))),
                [99, 1, 2, 3],
                WalTestRecords.Samples((1, 100, 4), (3, 101, 5)),
                WalTestRecords.Tombstones((1, 0, 100)),
                WalTestRecords.Metadata((1, "new")),
                WalTestRecords.Samples((1, 1, 8)),
                WalTestRecords.Samples((1, 2, 9)),
            ],
            o => o.WithStrictOrdering());
    }

    [Theory]
    [InlineData((int)WalRecordType.Samples)]
    [InlineData((int)WalRecordType.FloatHistograms)]
    [InlineData((int)WalRecordType.Exemplars)]
    [InlineData((int)WalRecordType.HistogramsV2)]
    [InlineData((int)WalRecordType.Tombstones)]
    [InlineData((int)WalRecordType.Metadata)]
    public void Run_KeepsTheSeries_ThatALaterSegmentNames(int number)
    {
        var type = (WalRecordType)number;
        var directory = _temporary.Open();
        var entry = WalTestRecords.RandomEntries(new Random(1), type, 1)[0] with { Ref = 7, TimeMs = 100 };
        var later = type switch
        {
            WalRecordType.Tombstones => WalTestRecords.Tombstones((7, 0, 100)),
            WalRecordType.Metadata => WalTestRecords.Metadata((7, "")),
            _ => WalTestRecords.Encode(type, [entry]),
        };
        var series = WalTestRecords.Series((7, Named("a")));
        WriteSegments(directory, [series], [], [], [], [later]);

        Run(directory, 5, _ => false, 100);
        ReadRecords(directory)[0].Should().Equal(series);

        // One moment later nothing of it is wanted any more.
        WriteSegments(directory, [], [], []);
        Run(directory, 9, _ => false, 101).Should().BeTrue();
        ReadRecords(directory).Exists(r => r.SequenceEqual(series)).Should().BeFalse();
    }

    [Fact]
    public void Run_TakesTheLowerTwoThirds_ButNeverTheNewestTwo()
    {
        // As Prometheus 3.5 does: first + (last complete but one - first) * 2 / 3, and at least two segments.
        (int Open, int Last)[] cases = [(0, -1), (1, -1), (2, -1), (3, -1), (4, 1), (5, 2), (6, 2), (7, 3), (8, 4)];
        foreach (var (open, last) in cases)
        {
            using var temporary = new TemporaryDirectory();
            var directory = temporary.Open();
            WriteSegments(directory, [.. Enumerable.Repeat<byte[][]>([[99]], open)]);

            Run(directory, open, _ => true, 0).Should().Be(last >= 0);

            WalSegments.LastCheckpoint(directory, "wal").Should().Be(last);
            WalSegments.List(directory, "wal")[0].Number.Should().Be(last + 1);
        }
    }

    [Fact]
    public void Run_TakesTheOlderCheckpointIntoTheNewOne()
    {
        var directory = _temporary.Open();
        var truncation = new WalTruncation(directory, "wal", WalCompression.Snappy, NullLogger.Instance);
        for (var i = 0; i < 40; i++)
        {
            WriteSegments(directory, [WalTestRecords.Series(((ulong)i + 1, Named($"{i}")))]);
            WriteSegments(directory, [WalTestRecords.Samples(((ulong)i + 1, i, i))]);
            var open = WalSegments.List(directory, "wal")[^1].Number;
            truncation.Run(open, new WalKept(r => r > 3, i - 20), CancellationToken.None);
        }

        truncation.Begun.Should().BeGreaterThan(5);
        directory.List("wal").Count(name => name.StartsWith("checkpoint", StringComparison.Ordinal)).Should().Be(1);
        var samples = ReadRecords(directory).Where(r => r[0] == (byte)WalRecordType.Samples)
            .SelectMany(r => WalTestRecords.Walk(r)!);
        samples.Select(s => s.TimeMs).Where(t => t >= 19)
            .Should().Equal(Enumerable.Range(19, 21).Select(i => (long)i));
        var series = ReadRecords(directory).Where(r => r[0] == (byte)WalRecordType.Series)
            .SelectMany(r => WalTestRecords.Walk(r)!).Select(s => s.Ref);
        series.Should().Equal(Enumerable.Range(4, 37).Select(i => (ulong)i));
    }

    [Fact]
    public void Run_KilledAtAnyChange_LosesNothing_AndTheNextRunFinishesIt()
    {
        byte[][][] segments =
        [
            [WalTestRecords.Series((1, Named("a")), (2, Named("b"))), WalTestRecords.Samples((1, 5, 1), (1, 50, 2))],
            [WalTestRecords.Samples((1, 6, 3), (2, 60, 4))],
            [WalTestRecords.Samples((1, 70, 5))],
            [WalTestRecords.Samples((2, 80, 6))],
            [],
        ];
        for (var killAt = 1; ; killAt++)
        {
            using var temporary = new TemporaryDirectory();
            WriteSegments(temporary.Open(), segments);
            var faulty = new FaultyDataDirectory(temporary.Open()) { KillAtChange = killAt };
            var isKilled = false;
            try
            {
                Run(faulty, 5, _ => true, 50);
            }
            catch (SimulatedCrashException)
            {
                isKilled = true;
            }

            var directory = temporary.Open();
            Wanted(directory).Should().Equal([50, 60, 70, 80], "kill at {0}", killAt);
            WalCheckpoint.RemoveUnfinished(directory, "wal");
            WalSegments.DeleteReplaced(directory, "wal");
            Wanted(directory).Should().Equal([50, 60, 70, 80], "kill at {0}", killAt);
            WriteSegments(directory, [], []);
            Run(directory, 7, _ => true, 51).Should().BeTrue();
            Wanted(directory).Where(t => t > 50).Should().Equal([60, 70, 80], "kill at {0}", killAt);
            if (!isKilled) return;
        }

        static IEnumerable<long> Wanted(DataDirectory directory) =>
            ReadRecords(directory).Where(r => r[0] == (byte)WalRecordType.Samples)
                .SelectMany(r => WalTestRecords.Walk(r)!).Select(s => s.TimeMs).Where(t => t >= 50);
    }

    [Fact]
    public void Run_LeavesTheLogAsItWas_WhenTheDiskIsFull()
    {
        var directory = new FaultyDataDirectory(_temporary.Open());
        WriteSegments(directory, [[99, 1]], [[99, 2]], [[99, 3]], [[99, 4]], [[99, 5]]);
        var before = ReadRecords(directory);
        directory.FreeBytes = 10;
        var act = () => Run(directory, 5, _ => true, 0);

        act.Should().Throw<DiskFullException>();

        directory.List("wal").Should().BeEquivalentTo(
            "00000000", "00000001", "00000002", "00000003", "00000004", "00000005");
        ReadRecords(directory).Should().BeEquivalentTo(before, o => o.WithStrictOrdering());
        directory.FreeBytes = long.MaxValue;
        act().Should().BeTrue();
    }

    [Fact]
    public void Run_LeavesTheLogAsItWas_WhenASegmentIsDamaged()
    {
        var directory = _temporary.Open();
        WriteSegments(directory, [[99, 1]], [[99, 2]], [[99, 3]], [[99, 4]], [[99, 5]]);
        var path = _temporary.PathOf("wal/00000001");
        var bytes = File.ReadAllBytes(path);
        bytes[8] ^= 1;
        File.WriteAllBytes(path, bytes);

        var act = () => Run(directory, 5, _ => true, 0);

        act.Should().Throw<CorruptDataException>();
        directory.List("wal").Should().HaveCount(6);
        File.ReadAllBytes(path).Should().Equal(bytes);
    }

    private static Labels Named(string name) => Labels.FromPairs(("n", name));

    private static bool Run(IDataDirectory directory, int open, Func<ulong, bool> isAlive, long minTimeMs) =>
        new WalTruncation(directory, "wal", WalCompression.Snappy, NullLogger.Instance)
            .Run(open, new WalKept(isAlive, minTimeMs), CancellationToken.None);

    // Writes segments behind those there are, and begins an open one.
    private static void WriteSegments(IDataDirectory directory, params byte[][][] segments)
    {
        using var writer = WalWriter.Open(directory, "wal");
        foreach (var records in segments)
        {
            foreach (var record in records) writer.Append(record);
            if (records.Length == 0) writer.Append([99]);
            writer.StartSegment();
        }
    }

    private static List<byte[]> ReadRecords(IDataDirectory directory)
    {
        using var reader = WalReader.Open(directory, "wal");
        var records = new List<byte[]>();
        while (reader.TryRead(out var record))
        {
            if (!record.SequenceEqual((byte[])[99])) records.Add(record.ToArray());
        }

        reader.Damages.Should().BeEmpty();
        return records;
    }
}
